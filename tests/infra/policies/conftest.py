"""Plans in which every policy can be read, one an environment, and the access matrix."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.config import Config

from redoubt.infra import sandbox
from redoubt.infra.emulator import server
from redoubt.infra.policies import naming
from redoubt.infra.reading import Plan
from redoubt.infra.terraform import Terraform

Plans = Callable[[str], dict[str, Any]]
INFRA = Path(__file__).resolve().parents[3] / "infra"
# Personal data has a key for each dataset, and uploads into its folder a rule of their own.
DATASETS = '-var=personal_datasets=["loans"]'


@pytest.fixture(scope="session")
def readable(composition: Terraform) -> Plans:
    """Return ``readable(environment)``: the named plan of one environment, made once."""
    kept: dict[str, dict[str, Any]] = {}

    def make(name: str) -> dict[str, Any]:
        if name not in kept:
            found = composition.plan("-refresh=false", sandbox.variables(name), DATASETS)
            kept[name] = naming.named(Plan(name, found))
        return kept[name]

    return make


@pytest.fixture(scope="session")
def matrix() -> dict[str, Any]:
    """Return the access matrix as it is written."""
    table: dict[str, Any] = yaml.safe_load((INFRA / "modules/identity/access.yml").read_text())
    return table


class Emulator:
    """The AWS emulator moto on loopback; it enforces nothing until ``enforce`` is called."""

    def __init__(self, address: str) -> None:
        self.url = address
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
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Return a running emulator; its one account is that of production."""
    work = tmp_path_factory.mktemp("moto")
    with server.running("777788889999", "eu-central-1", work) as connection:
        yield Emulator(connection["AWS_ENDPOINT_URL"])
