"""One running provider for many commands: loading its 700 MB is most of what a small command takes.

A plan alone starts the provider three times, showing it once more. Started by hand with ``-debug``
it says how Terraform attaches to it. One process serves one command after the other, never two at
once: it is configured by each, and would mix their tags and regions.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from redoubt.errors import Unavailable
from redoubt.infra.terraform import PROVIDER, mirror

REATTACH = "TF_REATTACH_PROVIDERS"
START_SECONDS = 120.0
STOP_SECONDS = 10.0


def initialised(folder: Path) -> Path | None:
    """Return the provider's binary that ``init`` found and checked against the lock file, or None."""
    return _below(folder / ".terraform" / "providers" / PROVIDER)


def mirrored(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the provider's binary of the mirror for this machine, or None when there is none."""
    found = mirror(environ)
    return _below(found / PROVIDER) if found else None


def _below(folder: Path) -> Path | None:
    # Each level may be a link, which rglob would not follow.
    return next(iter(sorted(folder.glob("*/*/terraform-provider-aws_*"))), None)


@contextmanager
def attached(binary: Path | None, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Run the provider and yield the environment in which Terraform attaches to it.

    Without a binary the environment is as it was. Raises Unavailable when the provider does not
    say within two minutes how to reach it.
    """
    if binary is None:
        yield dict(environment)
        return
    # A file and not a pipe: nobody reads on, and a full pipe would stop the provider.
    with tempfile.NamedTemporaryFile("r", prefix="redoubt-provider-") as said:
        with Path(said.name).open("w") as out:
            process = subprocess.Popen(
                [str(binary), "-debug"], env=dict(environment), stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        try:
            yield dict(environment) | {REATTACH: _address(process, Path(said.name))}
        finally:
            _stop(process)


def _address(process: subprocess.Popen[bytes], said: Path) -> str:
    """Return the JSON that Terraform attaches by, as soon as the provider has printed its line."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for line in said.read_text().splitlines(keepends=True):
            name, found, value = line.strip().partition("=")
            if found and name == REATTACH and line.endswith("\n"):
                return value.strip("'")
        time.sleep(0.05)
    raise Unavailable(
        f"the AWS provider did not start within {START_SECONDS:.0f} s.",
        remedy="look at the machine's memory; the provider needs about 600 MB",
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
