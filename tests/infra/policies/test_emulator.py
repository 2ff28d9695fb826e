"""The access matrix executed role by role on the AWS emulator, and its answers beside the evaluator's.

The emulator judges actions and, for S3 alone, resources; conditions, boundaries and most resources' own
policies it does not know. So what is executed is S3 and the actions that AWS gives no resource, from
statements without conditions; all the rest of the matrix is the evaluator's (test_findings.py).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from redoubt.infra.policies import estate
from redoubt.infra.policies import matrix as cells
from redoubt.infra.policies.decide import ALLOW, Policies, decide
from redoubt.infra.policies.document import parse
from redoubt.infra.policies.request import Principal, Request

Plans = Callable[[str], dict[str, Any]]
pytestmark = pytest.mark.slow
# How S3's actions are asked; b is the bucket, k the key, v an existing version.
CALLS: dict[str, Callable[[Any, str, str, str], Any]] = {
    "s3:GetBucketLocation": lambda s3, b, k, v: s3.get_bucket_location(Bucket=b),
    "s3:ListBucket": lambda s3, b, k, v: s3.list_objects_v2(Bucket=b),
    "s3:ListBucketVersions": lambda s3, b, k, v: s3.list_object_versions(Bucket=b),
    "s3:GetObject": lambda s3, b, k, v: s3.get_object(Bucket=b, Key=k),
    "s3:PutObject": lambda s3, b, k, v: s3.put_object(Bucket=b, Key=k, Body=b"new"),
    "s3:DeleteObject": lambda s3, b, k, v: s3.delete_object(Bucket=b, Key=k),
}
# Actions without a resource that need no argument. Not guardduty: the emulator refuses even what is granted.
BARE = {
    "ecr:GetAuthorizationToken": lambda client: client.get_authorization_token(),
    "cloudtrail:DescribeTrails": lambda client: client.describe_trails(),
    "config:DescribeConfigRules": lambda client: client.describe_config_rules(),
    "ec2:DescribeSecurityGroups": lambda client: client.describe_security_groups(),
    "ec2:DescribeFlowLogs": lambda client: client.describe_flow_logs(),
    "ec2:DescribeVpcEndpoints": lambda client: client.describe_vpc_endpoints(),
    "iam:GetAccountAuthorizationDetails": lambda client: client.get_account_authorization_details(),
    "kms:ListKeys": lambda client: client.list_keys(),
}
TASK = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}  # fmt: skip


def passes(call: Callable[[], Any]) -> bool:
    """Return whether the emulator lets a call pass; another error than a refusal came after it."""
    try:
        call()
    except ClientError as error:
        # The emulator's code differs with the protocol of the service, its status does not.
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"]) != 403
    return True


def unconditional(document: str) -> list[dict[str, Any]]:
    """Return the statements of a policy that the emulator can judge."""
    statements: list[dict[str, Any]] = json.loads(document)["Statement"]
    return [one for one in statements if "Condition" not in one]


def granted(plan: dict[str, Any], role: str) -> list[dict[str, Any]]:
    """Return the generated statements of a role of the matrix."""
    address = f'module.identity.aws_iam_role_policy.this["{role}"]'
    (item,) = [one for one in plan["resource_changes"] if one["address"] == address]
    return unconditional(item["change"]["after"]["policy"])


@pytest.fixture(scope="module")
def filled(emulator: Any, readable: Plans) -> estate.Estate:
    """Return the estate of production, whose buckets the emulator has as well."""
    found = estate.read(readable("production"))
    for name in found.buckets:
        make_bucket(emulator, name)
    return found


def make_bucket(emulator: Any, name: str) -> None:
    """Make a bucket; one that is there is left alone."""
    place = {"LocationConstraint": "eu-central-1"}
    with contextlib.suppress(emulator.client("s3").exceptions.BucketAlreadyOwnedByYou):
        emulator.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)


def questions(
    found: estate.Estate, table: dict[str, Any], role: str
) -> list[tuple[cells.Cell, str]]:
    """Return the cells of a role that the emulator can judge, with their resource."""
    return [(cell, arn) for cell in cells.cells(table, "production") if cell.role == role
            and (cell.action in CALLS or cell.action in BARE) for arn in cells.arns(found, cell)]  # fmt: skip


def asked(emulator: Any, session: dict[str, str], cell: cells.Cell, arn: str) -> bool:
    """Return whether a session may do what a cell says."""
    if cell.action in BARE:
        client = emulator.client(cell.action.split(":")[0], **session)
        return passes(lambda: BARE[cell.action](client))
    bucket, _, key = arn.removeprefix("arn:aws:s3:::").partition("/")
    client = emulator.client("s3", **session)
    return passes(lambda: CALLS[cell.action](client, bucket, key, ""))


ROLES = ("approver", "auditor", "break-glass", "ci", "data-steward", "deployer", "key-administrator",
         "serving", "tracking", "trainer", "validator")  # fmt: skip


def test_every_role_of_the_matrix_is_executed(matrix: dict[str, Any]) -> None:
    assert sorted(matrix["roles"]) == sorted(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_the_matrix_says_and_each_denial_is_for_want_of_a_grant(
    emulator: Any, readable: Plans, filled: estate.Estate, matrix: dict[str, Any], role: str
) -> None:
    statements = granted(readable("production"), role)
    cell_list = questions(filled, matrix, role)
    own = emulator.role(f"{filled.prefix}-{role}", statements, trust=TASK)
    grants = [{"Effect": "Allow", "Action": cell.action, "Resource": arn}
              for cell, arn in cell_list if not cell.may]  # fmt: skip
    twin = emulator.role(f"{role}-twin", grants, trust=TASK)
    policy = parse({"Version": "2012-10-17", "Statement": statements}, role)
    emulator.enforce(True)
    try:
        for cell, arn in cell_list:
            seen = asked(emulator, own, cell, arn)
            request = Request(
                Principal("AWS", filled.roles[f"{filled.prefix}-{role}"].arn), cell.action, arn
            )
            evaluated = decide(request, Policies((policy,))).answer == ALLOW
            assert (seen, evaluated) == (cell.may, cell.may), (cell, arn)
            if not cell.may:
                assert asked(emulator, twin, cell, arn), f"the twin of {cell} is refused as well"
    finally:
        emulator.enforce(False)
    assert sum(not cell.may for cell, _ in cell_list) > 10


S3 = "arn:aws:s3:::probe"
PROBES = {
    "an allow": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{S3}/open/*"}],
    "a wildcard in the action": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": f"{S3}/*"}],
    "a wildcard within the action": [{"Effect": "Allow", "Action": "s3:*Object", "Resource": f"{S3}/*"}],
    "a deny beside an allow": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": [S3, f"{S3}/*"]},
        {"Effect": "Deny", "Action": ["s3:PutObject", "s3:DeleteObject"], "Resource": f"{S3}/closed/*"}],
    "a deny before an allow": [
        {"Effect": "Deny", "Action": "s3:*", "Resource": f"{S3}/closed/*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    "all but some actions": [{"Effect": "Allow", "NotAction": "s3:Put*", "Resource": "*"}],
    "the bucket alone": [{"Effect": "Allow", "Action": "s3:*", "Resource": S3}],
    "another bucket": [{"Effect": "Allow", "Action": "s3:*", "Resource": f"{S3}-other/*"}],
    "nothing": [{"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"}],
}  # fmt: skip


@pytest.mark.parametrize("name", PROBES)
def test_evaluator_and_emulator_agree_on_policies_without_conditions(
    emulator: Any, name: str
) -> None:
    make_bucket(emulator, "probe")
    session = emulator.role(f"probe-{list(PROBES).index(name)}", PROBES[name], trust=TASK)
    policy = parse({"Version": "2012-10-17", "Statement": PROBES[name]}, name)
    client = emulator.client("s3", **session)
    emulator.enforce(True)
    try:
        answers = []
        for action, call in CALLS.items():
            for key in ("open/a", "closed/a"):
                resource = f"{S3}/{key}" if action.endswith("Object") else S3
                request = Request(
                    Principal("AWS", "arn:aws:iam::777788889999:role/probe"), action, resource
                )
                evaluated = decide(request, Policies((policy,))).answer == ALLOW
                seen = passes(partial(call, client, "probe", key, ""))
                answers.append((action, key, evaluated, seen))
    finally:
        emulator.enforce(False)
    assert [row for row in answers if row[2] is not row[3]] == []


def test_the_emulator_still_looks_at_no_resource_outside_s3(
    emulator: Any, filled: estate.Estate
) -> None:
    """When this turns red the emulator has learnt: widen what is executed above."""
    arn = f"arn:aws:ecr:eu-central-1:777788889999:repository/{filled.prefix}-serving"
    emulator.client("ecr").create_repository(repositoryName=f"{filled.prefix}-serving")
    statement = {"Effect": "Allow", "Action": "ecr:DescribeImages", "Resource": arn}
    session = emulator.role("resource-probe", [statement], trust=TASK)
    emulator.enforce(True)
    try:
        client = emulator.client("ecr", **session)
        assert not passes(lambda: client.describe_images(repositoryName=f"{filled.prefix}-serving"))
    finally:
        emulator.enforce(False)
