"""Does a rule of EventBridge match an event? Its patterns, as far as our modules use them.

A construct that is not read here raises: a rule that nobody can judge tells nobody.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from redoubt.errors import BadInput

NUMERIC: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Say whether an event has every field of a pattern with a value that it lists.

    Raises BadInput when the pattern uses what is not read here.
    """
    # Every field is looked at, so that what is not read is found whatever the event is.
    answers = [_field(name, wanted, event) for name, wanted in pattern.items()]
    return all(answers)


def _field(name: str, wanted: Any, event: Mapping[str, Any]) -> bool:
    if name == "$or":
        answers = [matches(one, event) for one in wanted]
        return any(answers)
    if name.startswith("$"):
        raise _unread(name)
    value = event.get(name)
    if isinstance(wanted, Mapping):
        return matches(wanted, value if isinstance(value, Mapping) else {})
    if not isinstance(wanted, list) or not wanted:
        raise _unread(wanted)
    values = value if isinstance(value, list) else [value] if name in event else []
    answers = [_fits(one, found) for one in wanted for found in values or [_ABSENT]]
    return any(answers)


_ABSENT = object()


def _fits(wanted: Any, value: Any) -> bool:
    """Say whether one value is a wanted one; a text is compared whole and with its case."""
    if not isinstance(wanted, Mapping):
        return type(wanted) is type(value) and bool(wanted == value)
    if set(wanted) != {"numeric"} or len(wanted["numeric"]) % 2:
        raise _unread(wanted)
    signs, limits = map(_compare, wanted["numeric"][::2]), wanted["numeric"][1::2]
    pairs = list(zip(signs, limits, strict=True))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and all(compare(value, limit) for compare, limit in pairs)


def _compare(sign: str) -> Callable[[Any, Any], bool]:
    if sign not in NUMERIC:
        raise _unread(sign)
    return NUMERIC[sign]


def _unread(what: Any) -> BadInput:
    return BadInput(
        f"{what!r} is not read in a pattern of EventBridge.",
        remedy="list plain values, numeric comparisons or $or, or teach redoubt/infra/events.py",
    )
