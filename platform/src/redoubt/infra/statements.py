"""What the policies of a plan say: whom they let in, and to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from redoubt.infra.reading import Plan, Resource

Statement = Mapping[str, Any]
# Attributes that hold a policy document, whatever the resource is.
DOCUMENTS = ("policy", "assume_role_policy")
# A document of this type is no access policy.
OTHER = frozenset({"aws_ecr_lifecycle_policy"})


@dataclass(frozen=True)
class Policy:
    """One policy document: whose it is, and its statements."""

    owner: Resource
    attribute: str
    statements: tuple[Statement, ...]


def policies(plan: Plan) -> Iterator[Policy]:
    """Yield every access policy that the configuration writes, also one that the plan cannot read.

    Such a one has no statements: see :func:`unread`.
    """
    for item in plan.resources:
        for name in DOCUMENTS:
            if name in item.expressions and item.type not in OTHER:
                yield Policy(item, name, tuple(item.policy(name)))


def unread(plan: Plan) -> list[str]:
    """Return the addresses whose policy is not known in the plan, so that nobody can judge it."""
    return [found.owner.address for found in policies(plan) if not found.statements]


def listed(value: Any) -> list[str]:
    """Return what a policy writes as one text or as a list, as a list."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def principals(statement: Statement) -> list[str]:
    """Return whom a statement speaks of: ARNs, services, providers, or ``*``."""
    found = statement.get("Principal")
    if isinstance(found, Mapping):
        return [text for value in found.values() for text in listed(value)]
    return listed(found)


def actions(statement: Statement) -> list[str]:
    """Return the actions that a statement names."""
    return listed(statement.get("Action"))


def allows(statement: Statement) -> bool:
    """Say whether a statement lets somebody do something."""
    return bool(statement["Effect"] == "Allow")
