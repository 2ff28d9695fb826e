"""The linter finds each way of granting too much, and leaves alone what is meant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from redoubt.infra.policies import lint
from redoubt.infra.reading import Plan

QUEUE = "arn:aws:sqs:eu-central-1:777788889999:team"


def plan(kind: str, statement: dict[str, Any], attribute: str = "policy", **more: Any) -> Plan:
    """Return a plan of one resource, with one statement somewhere in it."""
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    change = {"actions": ["create"], "after": {attribute: text, **more}, "after_unknown": {}}
    item = {"address": f"{kind}.this", "type": kind, "mode": "managed", "change": change}
    return Plan("production", {"resource_changes": [item], "configuration": {"root_module": {}}})


def grant(**elements: Any) -> dict[str, Any]:
    """Return a grant that is narrow but for what is given."""
    return {"Sid": "One", "Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": QUEUE} | elements  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "elements", "words"),
    [
        ("aws_iam_role_policy", {"Action": "s3:*"}, "grants s3:*"),
        ("aws_iam_role_policy", {"Action": ["s3:Get?bject"]}, "grants s3:Get?bject"),
        ("aws_iam_role_policy", {"NotAction": ["iam:*"]}, "grants by NotAction"),
        ("aws_iam_role_policy", {"NotResource": [QUEUE]}, "grants by NotResource"),
        ("aws_iam_role_policy", {"Resource": "*"}, "grants sqs:SendMessage on *"),
        ("aws_iam_role_policy", {"Resource": ["arn:aws:sqs:*:777788889999:team"]}, "names arn:aws:sqs:*"),
        ("aws_iam_role_policy", {"Resource": ["arn:aws:s3:::*-raw/*"]}, "names arn:aws:s3:::*-raw/*"),
        ("aws_sqs_queue_policy", {"Principal": "*"}, "grants to everybody"),
        ("aws_sqs_queue_policy", {"Principal": {"AWS": "*"}}, "grants to everybody"),
        ("aws_kms_key", {"Principal": {"AWS": QUEUE}, "Action": "kms:*", "Resource": "*"}, "grants kms:*"),
    ],
)  # fmt: skip
def test_each_way_of_granting_too_much_is_named(
    kind: str, elements: dict[str, Any], words: str
) -> None:
    assert words in " ".join(str(one) for one in lint.wide(plan(kind, grant(**elements))))


@pytest.mark.parametrize(
    ("kind", "elements"),
    [
        ("aws_iam_role_policy", {}),
        ("aws_iam_role_policy", {"Resource": [f"{QUEUE}-*"]}),
        ("aws_iam_role_policy", {"Action": ["ecr:GetAuthorizationToken"], "Resource": "*"}),
        ("aws_iam_role_policy", {"Effect": "Deny", "Action": "*", "Resource": "*"}),
        ("aws_kms_key", {"Principal": {"AWS": QUEUE}, "Action": ["kms:Decrypt"], "Resource": "*"}),
        ("aws_vpc_endpoint", {"Principal": {"AWS": "*"}}),
    ],
)
def test_what_is_narrow_is_left_alone(kind: str, elements: dict[str, Any]) -> None:
    assert lint.wide(plan(kind, grant(**elements))) == []


def test_a_policy_is_found_under_any_attribute_of_any_resource() -> None:
    odd = plan("aws_opensearch_domain", grant(Action="es:*"), "access_policies")
    assert [str(one) for one in lint.wide(odd)] == [
        "IAM-01 aws_opensearch_domain.this: One grants es:*"
    ]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("aws_iam_user", {}),
        ("aws_iam_role_policy_attachment", {}),
        ("aws_iam_policy", {}),
        ("aws_ssoadmin_permission_set", {}),
        ("aws_iam_role", {"managed_policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}),
        ("aws_iam_role", {"inline_policy": [{"name": "x"}]}),
    ],
)
def test_rights_beside_a_roles_own_policy_are_named(kind: str, more: dict[str, Any]) -> None:
    found = lint.strangers(plan(kind, grant(), **more))
    assert [one.where for one in found] == [f"{kind}.this"]


def test_a_role_with_its_own_policy_is_none() -> None:
    assert lint.strangers(plan("aws_iam_role_policy", grant())) == []
    assert lint.strangers(plan("aws_iam_role", grant(), managed_policy_arns=[])) == []
