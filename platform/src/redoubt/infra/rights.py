"""What a policy lets through, as far as its text says: actions and resources, with IAM's wildcards."""

from __future__ import annotations

import re
from collections.abc import Iterable

from redoubt.infra.statements import Statement, allows, listed


def covers(patterns: Iterable[str], text: str) -> bool:
    """Say whether one of the patterns matches the whole text; ``*`` and ``?`` are wildcards."""
    return any(
        re.fullmatch(
            re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text, re.IGNORECASE
        )
        for pattern in patterns
    )


def speaks_of(statement: Statement, action: str, resource: str) -> bool:
    """Say whether a statement is about an action on a resource, whatever its condition."""
    return _named(statement, "Action", action) and _named(statement, "Resource", resource)


def _named(statement: Statement, key: str, text: str) -> bool:
    if f"Not{key}" in statement:
        return not covers(listed(statement[f"Not{key}"]), text)
    return covers(listed(statement.get(key)), text)


def granted(statements: Iterable[Statement], action: str, resource: str) -> bool:
    """Say whether any statement allows it; a condition is taken as met."""
    return any(allows(item) and speaks_of(item, action, resource) for item in statements)


def refused(statements: Iterable[Statement], action: str, resource: str) -> bool:
    """Say whether a deny without any condition refuses it."""
    return any(
        not allows(item) and not item.get("Condition") and speaks_of(item, action, resource)
        for item in statements
    )
