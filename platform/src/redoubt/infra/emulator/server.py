"""The AWS emulator as a child on loopback, stopped by its process id."""

from __future__ import annotations

import importlib.util
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redoubt import processes
from redoubt.errors import Unavailable

# No credentials of anybody: moto takes any, and these are recognisable as nobody's.
KEYS = {"AWS_ACCESS_KEY_ID": "emulator", "AWS_SECRET_ACCESS_KEY": "emulator"}


@contextmanager
def running(account: str, region: str, work: Path) -> Iterator[dict[str, str]]:
    """Yield the environment in which Terraform and boto3 speak to an AWS emulator, and to nothing else.

    Raises Unavailable when moto is not installed or does not come up.
    """
    if importlib.util.find_spec("moto") is None:
        raise Unavailable(
            "moto, the AWS emulator, is not installed.",
            remedy="install moto[server] in this environment",
        )
    address = f"http://127.0.0.1:{processes.free_port()}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", address.rpartition(":")[2]]  # fmt: skip
    environment = processes.child_environment(work, {"MOTO_ACCOUNT_ID": account})
    log = work / "emulator.log"
    with processes.running(
        command, healthy=lambda: _answers(address), environment=environment, log=log, seconds=60
    ):
        yield KEYS | {
            "AWS_ENDPOINT_URL": address, "AWS_DEFAULT_REGION": region, "AWS_REGION": region,
            # Under load it now and then closes a connection; what it lacks is refused as often.
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "4",
            # Profiles of whoever runs this must not lead to a real account.
            "AWS_CONFIG_FILE": str(work / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(work / "no-credentials"),
        }  # fmt: skip


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/moto-api/", timeout=2) as answer:  # noqa: S310 - the address is ours
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
