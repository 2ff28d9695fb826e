"""Who administers the keys of a plan and who uses them, by every policy that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from redoubt.infra.reading import Plan, Resource
from redoubt.infra.separation import account
from redoubt.infra.statements import Statement, actions, allows, policies, principals

# What changes a key or takes it away, and what reads or writes under it. Looking at a key is neither.
ADMINISTRATION = re.compile(
    r"kms:(Put|Schedule|Cancel|Disable|Enable|Delete|Update|Revoke|Retire|Rotate|Import|Replicate|Tag|Untag|Create)"
    r"(?!Grant)\w*"
)
USE = re.compile(
    r"kms:(Decrypt|Encrypt|ReEncrypt|GenerateDataKey|GenerateMac|Sign|Verify|Derive)\w*"
)

# The upper bound of every role: it grants nothing.
BOUNDARY = "module.identity.aws_iam_policy.boundary"


def said(plan: Plan) -> Iterator[tuple[str, Statement]]:
    """Yield (who, statement) of every allow: by key policies, and by identities' own policies.

    A role's policy speaks of its role, any other of itself; "root" of the account stands for itself.
    """
    for found in policies(plan):
        for statement in filter(allows, found.statements):
            if found.owner.type in ("aws_kms_key", "aws_kms_key_policy"):
                yield from ((who, statement) for who in principals(statement))
            elif found.owner.type.startswith("aws_iam_") and found.attribute == "policy":
                yield from ((who, statement) for who in _holders(plan, found.owner))


def _holders(plan: Plan, owner: Resource) -> list[str]:
    """Return the ARN of the role that a policy is written for; its own address where there is none."""
    if owner.address == BOUNDARY:
        return []
    index = owner.address[len(owner.module) :].partition("[")[2]
    roles = [role for role in plan.referred(owner, "role")
             if role.address[len(role.module) :].partition("[")[2] in ("", index)]  # fmt: skip
    return [f"arn:aws:iam::{account(plan)}:role/{role.values['name']}" for role in roles] or [
        owner.address
    ]


def holders(plan: Plan, what: re.Pattern[str]) -> set[str]:
    """Return who is allowed an action of a kind, on any key."""
    return {who for who, s in said(plan) if any(what.fullmatch(action) for action in actions(s))}


def sweeping(plan: Plan) -> list[tuple[str, str]]:
    """Return (who, what) of every allow that may reach KMS without naming an action of it.

    By a wildcard, by what it leaves out, or by a policy of AWS, whose text no plan shows.
    """
    found = [(who, action) for who, s in said(plan) for action in actions(s)
             if "*" in action and ("kms:".startswith(action.split("*")[0]) or action.startswith("kms:"))]  # fmt: skip
    found += [(who, "NotAction") for who, s in said(plan) if "NotAction" in s]
    attached = plan.like(r"aws_iam_\w+_attachment")
    return found + [(item.address, arn) for item in attached
                    if (arn := item.values.get("policy_arn") or "").startswith("arn:aws:iam::aws:")]  # fmt: skip


def lending(plan: Plan) -> list[str]:
    """Return who may lend a key to somebody else than a service of AWS that works for him."""
    return [
        who for who, s in said(plan)
        if "kms:CreateGrant" in actions(s) and not who.endswith(".amazonaws.com")
        and s.get("Condition", {}).get("Bool", {}).get("kms:GrantIsForAWSResource") != "true"
    ]  # fmt: skip
