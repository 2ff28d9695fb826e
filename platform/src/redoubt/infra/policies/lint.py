"""Reads every policy document of a plan, wherever it stands, for grants that are wider than their words.

Closed world: a text with statements in it is a policy, whatever its resource or attribute is called,
and of what AWS can do with identities only the kinds below are known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from redoubt.infra.policies.findings import Finding
from redoubt.infra.reading import Plan, Resource, texts
from redoubt.infra.statements import Statement, actions, allows, listed, principals

# Rights are given by a role's own policy alone, so nothing else may carry or hold one.
KINDS = {
    "aws_iam_instance_profile", "aws_iam_openid_connect_provider", "aws_iam_policy", "aws_iam_role",
    "aws_iam_role_policy", "aws_iam_saml_provider", "aws_iam_service_linked_role",
}  # fmt: skip
# "*" in these is the key itself; what an endpoint lets pass it does not grant (NET-02).
OWN = {"aws_kms_key", "aws_vpc_endpoint"}
BOUNDARY = "module.identity.aws_iam_policy.boundary"
WILD = set("*?")


@dataclass(frozen=True)
class Document:
    """One policy document: whose it is, and its statements."""

    owner: Resource
    statements: tuple[Statement, ...]


def documents(plan: Plan) -> Iterator[Document]:
    """Yield every policy document that stands anywhere in a plan."""
    for item in plan.resources:
        for text in texts(dict(item.values)):
            found = _statements(text)
            if found:
                yield Document(item, tuple(found))


def _statements(text: str) -> list[Statement]:
    if '"Statement"' not in text:
        return []
    found = json.loads(text)["Statement"]
    return found if isinstance(found, list) else [found]


def wide(plan: Plan) -> list[Finding]:
    """Return each grant by a wildcard, by what it leaves out, to everybody, or on unnamed resources."""
    return [
        Finding("IAM-01", found.owner.address, f"{one.get('Sid', 'a statement')} {what}")
        for found in documents(plan) for one in found.statements if allows(one)
        for what in _wide(found.owner, one)
    ]  # fmt: skip


def _wide(owner: Resource, one: Statement) -> Iterator[str]:
    """Yield what is too wide about one grant."""
    yield from (f"grants by {key}" for key in ("NotAction", "NotResource", "NotPrincipal") if key in one)  # fmt: skip
    yield from (f"grants {name}" for name in actions(one) if WILD & set(name))
    if "*" in principals(one) and owner.type != "aws_vpc_endpoint":
        yield "grants to everybody"
    if owner.type in OWN or owner.address == BOUNDARY:
        return
    for resource in listed(one.get("Resource")):
        if resource == "*":
            yield from (f"grants {name} on *" for name in actions(one) if name not in everywhere())
        elif _vague(resource):
            yield f"names {resource}"


def _vague(arn: str) -> bool:
    """Return whether an ARN leaves open more than the end of a name."""
    parts = arn.split(":", 5)
    return len(parts) < 6 or any(WILD & set(part) for part in parts[:5]) or parts[5][:1] in WILD


@cache
def everywhere() -> frozenset[str]:
    """Return the actions that may be granted on "*"."""
    found: Any = yaml.safe_load(
        resources.files("redoubt.infra.policies").joinpath("everywhere.yml").read_text()
    )
    return frozenset(found)


def strangers(plan: Plan) -> list[Finding]:
    """Return whatever carries or holds rights besides roles with policies of their own under the boundary."""
    found = [Finding("IAM-01", item.address, f"{item.type} is not a role with its own policy")
             for item in plan.like(r"aws_(iam|ssoadmin|identitystore)_\w+") if item.type not in KINDS]  # fmt: skip
    found += [Finding("IAM-01", item.address, f"has {name} beside its own policy")
              for item in plan.of("aws_iam_role") for name in ("inline_policy", "managed_policy_arns")
              if item.values.get(name)]  # fmt: skip
    return found + [Finding("IAM-01", item.address, "is a policy that is not the boundary")
                    for item in plan.of("aws_iam_policy") if item.address != BOUNDARY]  # fmt: skip
