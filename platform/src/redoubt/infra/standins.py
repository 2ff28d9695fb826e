"""What an offline plan writes where only AWS knows an identifier, so that every policy can be read.

A plan shows nothing of a policy that names one key which does not exist yet. Each entry becomes part
of an override file of its module: Terraform reads it beside the module, in a scratch copy only. What
it takes the place of is thus in no plan, so :func:`strange` compares that with what is expected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from redoubt.infra import written

NAME = "zz_standins_override.tf"


@dataclass(frozen=True)
class StandIn:
    """An output or a local value of a module: what it says there, and what a plan reads instead."""

    name: str
    says: str
    instead: str
    output: bool = False

    @property
    def text(self) -> str:
        """Return the override, as HCL."""
        if self.output:
            return f'output "{self.name}" {{\n  value = {self.instead}\n}}\n'
        return f"locals {{\n  {self.name} = {self.instead}\n}}\n"


# control: SEC-04
# By module. A key's ARN ends with its purpose, so that a policy still says whose key it names.
STAND_INS = {
    "keys": (
        StandIn(
            "key_arns", "{ for purpose, key in aws_kms_key.this : purpose => key.arn }",
            "{ for purpose in keys(var.purposes) : purpose => "
            '"arn:${var.partition}:kms:${var.region}:${var.account_id}:key/${purpose}" }',
            output=True,
        ),
    ),
    "network": (
        StandIn(
            "endpoint_ids",
            "{ for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }",
            '{ for service in var.services : service => "vpce-${service}" }', output=True,
        ),
    ),
    "registry": (
        StandIn(
            "repository_arns",
            "{ for name, repository in aws_ecr_repository.this : name => repository.arn }",
            '{ for name in keys(var.repositories) : name => "arn:${var.partition}:ecr:'
            '${split(":", var.key_arn)[3]}:${var.account_id}:repository/${var.prefix}-${name}" }',
            output=True,
        ),
    ),
    "secrets": (
        StandIn(
            "_addresses",
            "{ for node, interface in aws_network_interface.this : node => interface.private_ip }",
            '{ for node in keys(local.nodes) : node => "node-${node}.offline" }',
        ),
        StandIn(
            "_volumes", "{ for node, volume in aws_ebs_volume.this : node => volume.id }",
            '{ for node in keys(local.nodes) : node => "vol-${node}" }',
        ),
    ),
    "serving": (
        StandIn(
            "_every_method", '"${aws_api_gateway_rest_api.this.execution_arn}/*"',
            '"arn:${var.partition}:execute-api:${var.region}:${var.account_id}:serving/*"',
        ),
    ),
    "tracking": (
        StandIn(
            "master_secret", "aws_db_instance.this.master_user_secret[0].secret_arn",
            '"arn:${var.partition}:secretsmanager:${var.region}:${var.account_id}:secret:rds!master"',
        ),
        StandIn("_database", "aws_db_instance.this.address", '"database.offline"'),
    ),
}  # fmt: skip


def write(infra: Path) -> None:
    """Write the stand-ins into a private copy of ``infra/``; a module that is not there needs none."""
    for folder, some in _present(infra):
        (folder / NAME).write_text("".join(one.text for one in some))


# control: SEC-04
def strange(infra: Path) -> dict[str, list[str]]:
    """Return ``module: name`` -> what it says, where that is not once what is expected of it."""
    found = {
        f"{folder.name}: {one.name}": _said(written.text(folder), one)
        for folder, some in _present(infra) for one in some
    }  # fmt: skip
    expected = {
        f"{name}: {one.name}": [one.says] for name, some in STAND_INS.items() for one in some
    }
    return {name: said for name, said in found.items() if said != expected[name]}


def _present(infra: Path) -> Iterator[tuple[Path, tuple[StandIn, ...]]]:
    for module, some in STAND_INS.items():
        if (infra / "modules" / module).is_dir():
            yield infra / "modules" / module, some


def _said(text: str, one: StandIn) -> list[str]:
    """Return each expression that a module gives the value, the rest of its first line."""
    start = rf'^\s*output\s+"{one.name}"\s*\{{[^}}]*?\bvalue' if one.output else rf"^\s*{one.name}"
    return re.findall(start + r"\s*=\s*(.*?)\s*$", text, re.M)
