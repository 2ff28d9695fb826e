"""What no role of a project can do, whatever policy somebody puts on it: its boundary is the ceiling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redoubt.infra.policies import estate
from redoubt.infra.policies.decide import ALLOW, DENY, Policies, decide
from redoubt.infra.policies.findings import Finding
from redoubt.infra.policies.perimeter import GRANT
from redoubt.infra.policies.request import Principal, ask

# Makes identities or rights, opens a way out, or leaves the organisation.
BEYOND = (
    "iam:AddUserToGroup", "iam:AttachRolePolicy", "iam:CreateAccessKey", "iam:CreatePolicyVersion",
    "iam:CreateUser", "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy",
    "iam:CreateOpenIDConnectProvider", "iam:UpdateSAMLProvider", "organizations:LeaveOrganization",
    "sts:AssumeRole", "ec2:CreateRoute", "ec2:CreateVpcPeeringConnection", "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock", "lambda:CreateFunction", "ram:CreateResourceShare",
)  # fmt: skip
# Each is allowed under the same grant, so that a denial is not for everything.
WITHIN = ("ecs:DescribeServices", "logs:GetLogEvents", "s3:GetObject")
ELSEWHERE = "ap-southeast-2"


def capped(plan: Mapping[str, Any]) -> list[Finding]:
    """Return each role that a policy of everything would carry beyond its boundary, or not even up to it."""
    found = estate.read(plan)
    cases = [(action, found.region, DENY) for action in BEYOND]
    cases += [(action, found.region, ALLOW) for action in WITHIN]
    cases += [(action, ELSEWHERE, DENY) for action in WITHIN]
    return [
        Finding("IAM-01", name, f"granted everything, {action} in {region} is {answer}, not {wanted}")
        for name, role in found.roles.items() for action, region, wanted in cases
        if (answer := decide(
            ask(Principal("AWS", role.arn), action, "*", found.organisation, region),
            Policies((GRANT,), role.boundary),
        ).answer) != wanted
    ]  # fmt: skip
