"""Changes to an applied environment that nobody planned, made with boto3 as an intruder or a helper would."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redoubt.infra.emulator.clients import Client
from redoubt.infra.emulator.listing import pages


@dataclass(frozen=True)
class Meant:
    """What the report has to say of one change: the resource, the attribute and the control it serves."""

    resource: str  # folder of infra/modules, then type.name
    attribute: str  # "" where the whole resource is gone
    control: str


# Each change below, in the same order.
MEANT = (
    Meant("network/aws_security_group.this", "ingress tcp 22 0.0.0.0/0", "NET-03"),
    Meant("bucket/aws_s3_bucket_policy.this", "policy", "NET-04"),
    Meant("bucket/aws_s3_bucket_public_access_block.this", "", "SEC-04"),
    Meant("bucket/aws_s3_bucket_versioning.this", "versioning_configuration", "DAT-02"),
    Meant("keys/aws_kms_key.this", "enable_key_rotation", "SEC-05"),
    Meant("audit/aws_cloudwatch_log_group.this", "retention_in_days", "DAT-08"),
    Meant("identity/aws_iam_role_policy.this", "policy", "IAM-01"),
    Meant("audit/aws_cloudtrail.this", "enable_logging", "MON-02"),
    Meant("training/aws_ecs_task_definition.this", "", "TRN-03"),
    Meant("audit/aws_guardduty_detector.this", "enable", "MON-05"),
)
OPEN = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": "*"}]}  # fmt: skip
ALL = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]}  # fmt: skip


def change(client: Client) -> Callable[[], None]:
    """Make every change; return what takes back the one that an apply cannot: a rule that was added."""
    close = _open_a_port(client("ec2"))
    _weaken_buckets(client("s3"))
    _stop_rotation(client("kms"))
    _forget_sooner(client("logs"))
    _grant_all(client("iam"))
    _look_away(client)
    arns = pages(client("ecs"), "list_task_definitions", "taskDefinitionArns", {})
    training = next(arn for arn in arns if "-training:" in arn)
    client("ecs").deregister_task_definition(taskDefinition=training)
    return close


def _open_a_port(ec2: Any) -> Callable[[], None]:
    groups = pages(ec2, "describe_security_groups", "SecurityGroups", {})
    group = next(g["GroupId"] for g in groups if g["GroupName"].endswith("-database"))
    everybody = [{"CidrIp": "0.0.0.0/0"}]
    rule = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": everybody}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rule)
    return lambda: ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rule)


def _weaken_buckets(s3: Any) -> None:
    def named(part: str) -> str:
        return next(str(b["Name"]) for b in s3.list_buckets()["Buckets"] if part in b["Name"])

    s3.put_bucket_policy(Bucket=named("-trusted-"), Policy=json.dumps(OPEN))
    s3.delete_public_access_block(Bucket=named("-raw-"))
    s3.put_bucket_versioning(
        Bucket=named("-access-logs-"), VersioningConfiguration={"Status": "Suspended"}
    )


def _stop_rotation(kms: Any) -> None:
    names = pages(kms, "list_aliases", "Aliases", {})
    key = next(a["TargetKeyId"] for a in names if a["AliasName"].endswith("-data"))
    kms.disable_key_rotation(KeyId=key)


def _forget_sooner(logs: Any) -> None:
    groups = pages(logs, "describe_log_groups", "logGroups", {})
    name = next(g["logGroupName"] for g in groups if g["logGroupName"].endswith("/trail"))
    logs.put_retention_policy(logGroupName=name, retentionInDays=1)


def _grant_all(iam: Any) -> None:
    roles = pages(iam, "list_roles", "Roles", {})
    role = next(r["RoleName"] for r in roles if r["RoleName"].endswith("-auditor"))
    iam.put_role_policy(RoleName=role, PolicyName="access-matrix", PolicyDocument=json.dumps(ALL))


def _look_away(client: Client) -> None:
    """Stop the trail and the detector."""
    trail = client("cloudtrail").describe_trails()["trailList"][0]
    client("cloudtrail").stop_logging(Name=trail["TrailARN"])
    for name in client("guardduty").list_detectors()["DetectorIds"]:
        client("guardduty").update_detector(DetectorId=name, Enable=False)
