"""Plans in which every policy can be read, one an environment, and the access matrix."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.config import Config

from redoubt.infra import settled

Plans = Callable[[str], dict[str, Any]]
INFRA = Path(__file__).resolve().parents[3] / "infra"
# Personal data has a key for each dataset, and uploads into its folder a rule of their own.
DATASETS = '-var=personal_datasets=["loans"]'


@pytest.fixture(scope="session")
def readable(
    rendered: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Plans:
    """Return ``readable(environment)``: the settled plan of one environment, made once."""
    kept: dict[str, dict[str, Any]] = {}

    def make(name: str) -> dict[str, Any]:
        if name not in kept:
            folder = tmp_path_factory.mktemp(f"settled-{name}")
            kept[name] = settled.plan(rendered / "infra", name, folder, DATASETS)
        return kept[name]

    return make


@pytest.fixture(scope="session")
def matrix() -> dict[str, Any]:
    """Return the access matrix as it is written."""
    table: dict[str, Any] = yaml.safe_load((INFRA / "modules/identity/access.yml").read_text())
    return table


class Emulator:
    """The AWS emulator moto on loopback; it enforces nothing until ``enforce`` is called."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._clients: dict[tuple[str, ...], Any] = {}

    def client(self, service: str, **credentials: str) -> Any:
        """Return a client of a service, by default one that enforcement would refuse."""
        given = credentials or {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
        key = (service, *given.values())
        if key not in self._clients:
            self._clients[key] = boto3.client(
                service, region_name="eu-central-1", endpoint_url=self.url,
                config=Config(retries={"max_attempts": 0}), **given,
            )  # fmt: skip
        return self._clients[key]

    def enforce(self, on: bool) -> None:
        """Switch the judging of identity policies on or off."""
        switch = urllib.request.Request(
            f"{self.url}/moto-api/reset-auth", data=b"0" if on else b"inf",
            headers={"Content-Type": "text/plain"},
        )  # fmt: skip
        with urllib.request.urlopen(switch, timeout=10):
            pass

    def role(
        self, name: str, statements: list[dict[str, Any]], *, trust: dict[str, Any]
    ) -> dict[str, str]:
        """Make a role with these statements and return the credentials of a session of it."""
        iam, document = self.client("iam"), {"Version": "2012-10-17", "Statement": statements}
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document))
        found = self.client("sts").assume_role(RoleArn=made["Arn"], RoleSessionName="test")[
            "Credentials"
        ]
        return {"aws_access_key_id": found["AccessKeyId"], "aws_secret_access_key": found["SecretAccessKey"],
                "aws_session_token": found["SessionToken"]}  # fmt: skip


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """Return a running emulator; its one account is that of production."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, "MOTO_ACCOUNT_ID": "777788889999"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        found = Emulator(port)
        _wait(found.url, process)
        yield found
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, process: subprocess.Popen[bytes], seconds: float = 90.0) -> None:
    """Wait until the emulator answers; fail when it does not, or ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"the AWS emulator did not answer within {seconds:.0f} s")
