"""Two environments are alike but for their own names, account and range, and every other difference is told."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from redoubt.infra.likeness import unlike
from redoubt.infra.reading import Plan

OWN = {"development": ("dev", "1" * 12, "10.0.0.0/18"), "production": ("prod", "3" * 12, "10.0.128.0/18")}  # fmt: skip
SUBNET = {"development": "10.0.8.0/21", "production": "10.0.136.0/21"}


def plan(environment: str, network: bool = True, **more: dict[str, Any]) -> Plan:
    """Return a plan of one role, one machine and one network, and of ``more``: type -> values."""
    short, account, cidr = OWN[environment]
    started = f"cluster pd-{short} of {account}".encode()
    values: dict[str, dict[str, Any]] = {
        "aws_iam_role": {"name": f"pd-{short}-trainer", "policy": f'{{"sub":"repo:a/b:environment:{environment}"}}'},
        "aws_instance": {"user_data_base64": base64.b64encode(started).decode()},
        "aws_subnet": {"cidr_block": SUBNET[environment], "tags": {"Environment": environment}},
    } | ({"aws_vpc": {"cidr_block": cidr}} if network else {}) | more  # fmt: skip
    given = {"prefix": "pd", "accounts": {name: own[1] for name, own in OWN.items()}}
    return Plan(environment, {
        "variables": {name: {"value": value} for name, value in given.items()},
        "configuration": {"root_module": {}},
        "resource_changes": [
            {"address": f"{kind}.this", "type": kind, "mode": "managed",
             "change": {"after": found, "after_unknown": {"arn": True}}}
            for kind, found in values.items()
        ],
    })  # fmt: skip


def test_names_accounts_and_places_in_the_range_are_no_difference() -> None:
    assert unlike(plan("development"), plan("production"), ()) == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"aws_iam_role": {"name": "pd-dev-auditor"}}, ["aws_iam_role.this: name", "aws_iam_role.this: policy"]),
        ({"aws_subnet": {"cidr_block": "10.0.16.0/21", "tags": {"Environment": "development"}}}, ["aws_subnet.this: cidr_block"]),
        ({"aws_subnet": {"cidr_block": "10.9.8.0/21", "tags": {"Environment": "development"}}}, ["aws_subnet.this: cidr_block"]),
        ({"aws_instance": {"user_data_base64": base64.b64encode(b"other").decode()}}, ["aws_instance.this: user_data_base64"]),
        ({"aws_internet_gateway": {"vpc_id": "vpc-1"}}, ["aws_internet_gateway.this"]),
    ],
)  # fmt: skip
def test_every_other_difference_is_told_unless_it_is_named(
    more: dict[str, Any], told: list[str]
) -> None:
    broken = plan("development", **more)
    assert unlike(broken, plan("production"), ()) == told
    assert unlike(plan("production"), broken, ()) == told
    assert unlike(broken, plan("production"), (r"aws_\w+\.this(: \w+)?",)) == []
    assert (
        unlike(broken, plan("production"), (told[0][:-1],)) == told
    )  # a pattern fits a whole line


def test_without_a_network_of_its_own_a_range_is_a_difference() -> None:
    found = unlike(plan("development", network=False), plan("production", network=False), ())
    assert found == ["aws_subnet.this: cidr_block"]
