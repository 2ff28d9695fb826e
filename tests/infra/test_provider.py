"""A provider runs once for many commands, and never longer than they do."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from redoubt.errors import Unavailable
from redoubt.infra import provider

SAYS = """\
printf 'Provider started. To attach:\\n\\tTF_REATTACH_'
sleep 0.2
printf "PROVIDERS='{\\"aws\\": {\\"Pid\\": %s}}'\\n" $$
exec sleep 60
"""


@pytest.fixture
def binary(tmp_path: Path) -> Callable[[str], Path]:
    """Return ``binary(script)``: a program in a provider's place."""

    def make(script: str) -> Path:
        path = tmp_path / "terraform-provider-aws_v0"
        path.write_text(f"#!/bin/sh\n{script}")
        path.chmod(0o755)
        return path

    return make


def test_the_whole_address_is_read_and_the_provider_is_stopped(
    binary: Callable[[str], Path],
) -> None:
    with provider.attached(binary(SAYS), os.environ) as environment:
        address = environment[provider.REATTACH]
        pid = int(address.removeprefix('{"aws": {"Pid": ').rstrip("}"))
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_provider_that_dies_is_named(binary: Callable[[str], Path]) -> None:
    with (
        pytest.raises(Unavailable, match="did not start"),
        provider.attached(binary("exit 3\n"), {}),
    ):
        pass


def test_without_a_provider_the_environment_is_as_it_was() -> None:
    with provider.attached(None, {"A": "b"}) as environment:
        assert environment == {"A": "b"}


def test_the_provider_is_the_one_that_init_checked(tmp_path: Path) -> None:
    folder = tmp_path / ".terraform" / "providers" / provider.PROVIDER / "5.100.0"
    folder.mkdir(parents=True)
    (tmp_path / "linux_amd64").mkdir()
    (folder / "linux_amd64").symlink_to(tmp_path / "linux_amd64")
    assert provider.initialised(tmp_path) is None
    (tmp_path / "linux_amd64" / "terraform-provider-aws_v5.100.0_x5").write_text("")
    found = provider.initialised(tmp_path)
    assert found is not None
    assert found.name == "terraform-provider-aws_v5.100.0_x5"
