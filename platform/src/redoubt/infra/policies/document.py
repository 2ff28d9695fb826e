"""Reads a policy document into statements; an element that is not known here is refused by name.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redoubt.errors import BadInput

ELEMENTS = {
    "Sid",
    "Effect",
    "Principal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Condition:
    """One line of a condition block: the key is compared with any of the values."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One statement; a tuple that the document leaves out is None (an empty one would match nothing)."""

    sid: str
    allows: bool
    principals: Pairs | None
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Policy:
    """A document with the name that findings use, such as the address of its resource."""

    name: str
    statements: tuple[Statement, ...]


def parse(document: str | Mapping[str, Any], name: str) -> Policy:
    """Return a policy. Raises BadInput naming the policy and what is not read."""
    try:
        found = json.loads(document) if isinstance(document, str) else document
    except ValueError as error:
        raise _unread(name, f"no JSON: {str(document)[:60]!r}") from error
    if not isinstance(found, Mapping) or found.get("Version") != "2012-10-17":
        raise _unread(name, "the Version is not 2012-10-17")
    statements = found.get("Statement", [])
    statements = [statements] if isinstance(statements, Mapping) else statements
    return Policy(name, tuple(_statement(item, name) for item in statements))


def _statement(item: Mapping[str, Any], name: str) -> Statement:
    """Return one statement as it is written."""
    unknown = sorted(set(item) - ELEMENTS)
    if unknown:
        raise _unread(name, f"the element {unknown[0]!r} of {item.get('Sid', 'a statement')!r}")
    if item.get("Effect") not in ("Allow", "Deny"):
        raise _unread(name, f"the effect {item.get('Effect')!r}")
    if ("Action" in item) is ("NotAction" in item):
        raise _unread(name, f"Action and NotAction of {item.get('Sid', 'a statement')!r}")
    return Statement(
        sid=item.get("Sid", ""), allows=item["Effect"] == "Allow",
        principals=_principals(item["Principal"]) if "Principal" in item else None,
        actions=_texts(item.get("Action")), not_actions=_texts(item.get("NotAction")),
        resources=_texts(item.get("Resource")), not_resources=_texts(item.get("NotResource")),
        conditions=_conditions(item.get("Condition", {})),
    )  # fmt: skip


def _principals(found: Any) -> Pairs:
    """Return (kind, name) of every principal; "*" alone is everybody, as AWS "*" is."""
    if isinstance(found, str):
        return (("AWS", found),)
    return tuple((kind, name) for kind, names in found.items() for name in _texts(names) or ())


def _conditions(block: Mapping[str, Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Return the lines of a condition block; all of them have to hold."""
    return tuple(
        Condition(operator, key, _texts(values) or ())
        for operator, lines in block.items() for key, values in lines.items()
    )  # fmt: skip


def _texts(found: Any) -> tuple[str, ...] | None:
    """Return one value or a list of them as texts, booleans as policies write them."""
    if found is None:
        return None
    many = found if isinstance(found, list) else [found]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in many)


def _unread(name: str, what: str) -> BadInput:
    """Return the refusal of a document that is not understood."""
    return BadInput(
        f"{name}: {what} is not read by the policy evaluator.",
        remedy="write the policy with what the evaluator knows, or teach it this element with a test",
    )
