"""Terraform with the provider's mirror, modules that are initialised, and plans of rendered projects."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from redoubt import processes
from redoubt.errors import Unavailable
from redoubt.infra import sandbox, terraform
from redoubt.infra.terraform import Terraform

MODULES = Path(__file__).resolve().parents[2] / "infra" / "modules"
Module = Callable[[str], Terraform]


@pytest.fixture(scope="session", autouse=True)
def _mirror() -> Iterator[None]:
    """Name the provider's mirror of this machine, wherever it lies, unless the caller named one."""
    with pytest.MonkeyPatch.context() as patch:
        if terraform.mirror() is None:
            found = next(iter(sorted(Path("/").glob(f"*/*/{terraform.PROVIDER}"))), None)
            if found is not None:
                patch.setenv(terraform.MIRROR, str(found.parents[2]))
        yield


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return the environment that Terraform runs in. Without it: red in CI, else said and skipped."""
    empty = tmp_path_factory.mktemp("aws")
    no_credentials = {
        "AWS_CONFIG_FILE": str(empty / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(empty / "keys"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    try:
        terraform.binary()
        missing = "" if terraform.mirror() else "the AWS provider is in no mirror on this machine"
    except Unavailable as error:
        missing = str(error)
    if missing and os.environ.get("CI"):
        pytest.fail(f"not evaluated, and this is CI: {missing}")
    if missing:
        pytest.skip(f"not evaluated: {missing}")
    with terraform.configured(no_credentials) as found:
        yield found


@pytest.fixture
def module(tmp_path: Path, environment: dict[str, str]) -> Module:
    """Return ``module(name)``: Terraform in a private, initialised copy of a module."""

    def make(name: str) -> Terraform:
        # With its neighbours: some modules are made of others.
        sandbox.copy(MODULES, tmp_path / "modules")
        target = tmp_path / "modules" / name
        tool = Terraform(target, environment)
        tool.run("init", "-backend=false", "-input=false", "-no-color")
        return tool

    return make


@pytest.fixture(scope="session")
def plans(
    rendered: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Callable[[str], dict[str, Any]]:
    """Return ``plans(environment)``: the plan of the default project from an empty state, once each."""
    kept: dict[str, dict[str, Any]] = {}

    def make(name: str) -> dict[str, Any]:
        if name not in kept:
            kept[name] = sandbox.plan(rendered / "infra", name, tmp_path_factory.mktemp(name))
        return kept[name]

    return make


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run moto on loopback; return its address."""
    address = f"http://127.0.0.1:{(port := processes.free_port())}"
    start = "import sys; from moto.server import main; main(sys.argv[1:])"
    with processes.running(
        [sys.executable, "-c", start, "-H", "127.0.0.1", "-p", str(port)],
        healthy=lambda: _answers(address),
        environment=processes.child_environment(tmp_path_factory.mktemp("moto")),
        log=tmp_path_factory.mktemp("log") / "moto.log", seconds=60,
    ):  # fmt: skip
        yield address


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/moto-api/").status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def account(emulator: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Sign in to the emulator, empty; return its address."""
    httpx.post(f"{emulator}/moto-api/reset")
    for name, value in {
        "AWS_ENDPOINT_URL": emulator, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return emulator
