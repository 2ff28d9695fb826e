"""A plan from nothing, with the names that its policies are judged by: ARNs, and what refers to them.

An offline plan knows every policy (`redoubt.infra.standins`), but not the ARN of a role that does not
exist yet, nor whose policy one is. Both follow from names, as AWS makes ARNs of them, and from what the
configuration refers to. What cannot be told stays unknown, and `findings.unread` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redoubt.infra.reading import Plan, Resource
from redoubt.infra.separation import account, given

# As the stand-ins have it, a key's ARN ends with its purpose; and the database's password has this name.
ARNS = {
    "aws_api_gateway_rest_api": "arn:aws:apigateway:{region}::/restapis/{name}",
    "aws_iam_policy": "arn:aws:iam::{account}:policy/{name}",
    "aws_iam_role": "arn:aws:iam::{account}:role/{name}",
    "aws_kms_key": "arn:aws:kms:{region}:{account}:key/{index}",
    "aws_sns_topic": "arn:aws:sns:{region}:{account}:{name}",
}
MASTER_ARN = "arn:aws:secretsmanager:{region}:{account}:secret:rds!master"
# Type -> (attribute that refers to another resource, what of that one is meant).
REFERRED = {
    "aws_api_gateway_rest_api_policy": ("rest_api_id", "arn"),
    "aws_backup_vault_policy": ("backup_vault_name", "name"),
    "aws_ecr_repository_policy": ("repository", "name"),
    "aws_iam_role": ("permissions_boundary", "arn"),
    "aws_iam_role_policy": ("role", "name"),
    "aws_s3_bucket_policy": ("bucket", "bucket"),
    "aws_s3_bucket_server_side_encryption_configuration": ("bucket", "bucket"),
    "aws_sns_topic_policy": ("arn", "arn"),
}


def named(plan: Plan) -> dict[str, Any]:
    """Return the plan's JSON, as `estate.read` wants it, with these names filled in."""
    found = {item.address: item for item in plan.resources}
    arns = {item.address: _arn(plan, item) for item in plan.of(*ARNS)}
    changes = [
        _filled(plan, one, found[one["address"]], arns) if one["address"] in found else one
        for one in plan.raw["resource_changes"]
    ]
    return dict(plan.raw) | {"resource_changes": changes}


def _arn(plan: Plan, item: Resource) -> str:
    """Return the ARN that a resource will have."""
    return _text(
        plan, ARNS[item.type], name=item.values.get("name"), index=_index(item).strip('"]')
    )


def _text(plan: Plan, pattern: str, **more: Any) -> str:
    return pattern.format(account=account(plan), region=given(plan, "region"), **more)


def _filled(
    plan: Plan, change: Mapping[str, Any], item: Resource, arns: Mapping[str, str]
) -> dict[str, Any]:
    """Return one change of a plan with the names that it lacks."""
    after = dict(item.values)
    if item.address in arns:
        after["arn"] = arns[item.address]
    if item.type in REFERRED:
        attribute, meant = REFERRED[item.type]
        after[attribute] = after.get(attribute) or _meant(plan, item, attribute, meant, arns)
    if item.type == "aws_db_instance" and after.get("manage_master_user_password"):
        after["master_user_secret"] = [{"secret_arn": _text(plan, MASTER_ARN)}]
    return dict(change) | {"change": dict(change["change"]) | {"after": after}}


def _meant(
    plan: Plan, item: Resource, attribute: str, meant: str, arns: Mapping[str, str]
) -> str | None:
    """Return the name or ARN of the one resource that an attribute refers to, None when it is not one."""
    found = [other for other in plan.referred(item, attribute)
             if _index(other) in ("", _index(item))]  # fmt: skip
    if len(found) != 1:
        return None
    return arns.get(found[0].address) if meant == "arn" else found[0].values.get(meant)


def _index(item: Resource) -> str:
    """Return what stands in the last brackets of an address, "" without any."""
    return item.address[len(item.module) :].partition("[")[2]
