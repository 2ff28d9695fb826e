"""How one value of a request is compared with one value of a policy, by the operator's base name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import operator
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from redoubt.infra.policies.matching import arn_like, like
from redoubt.infra.policies.truth import Truth

Compare = Callable[[str, str], Truth]
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq, "LessThan": operator.lt, "LessThanEquals": operator.le,
    "GreaterThan": operator.gt, "GreaterThanEquals": operator.ge,
}  # fmt: skip


def _ordered(read: Callable[[str], Any], order: Callable[[Any, Any], bool]) -> Compare:
    """Return a comparison of two values that are first read; one that cannot be read never fits."""

    def compare(seen: str, written: str) -> Truth:
        try:
            wanted = read(written)
        except (ValueError, InvalidOperation):
            return None  # The policy itself is wrong: nobody knows what AWS makes of it.
        try:
            return order(read(seen), wanted)
        except (ValueError, InvalidOperation):
            return False

    return compare


def _moment(text: str) -> datetime:
    """Return a moment from ISO 8601 or from seconds since 1970."""
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _within(seen: str, written: str) -> Truth:
    """Return whether an address lies in a range."""
    try:
        network = ipaddress.ip_network(written)
    except ValueError:
        return None
    try:
        return ipaddress.ip_address(seen) in network
    except ValueError:
        return False


def _same(seen: str, written: str) -> Truth:
    return seen == written


def _same_but_for_case(seen: str, written: str) -> Truth:
    return seen.casefold() == written.casefold()


def _fits(seen: str, written: str) -> Truth:
    return like(written, seen)


def _fits_arn(seen: str, written: str) -> Truth:
    return arn_like(written, seen)


COMPARE: dict[str, Compare] = {
    "StringEquals": _same,
    "StringEqualsIgnoreCase": _same_but_for_case,
    "StringLike": _fits,
    "Bool": _same_but_for_case,
    "IpAddress": _within,
    # AWS compares ArnEquals and ArnLike alike.
    "ArnEquals": _fits_arn,
    "ArnLike": _fits_arn,
    **{f"Numeric{name}": _ordered(Decimal, order) for name, order in ORDERS.items()},
    **{f"Date{name}": _ordered(_moment, order) for name, order in ORDERS.items()},
}
# A negated operator asks that none of the policy's values fits.
NEGATED = {
    "StringNotEquals": "StringEquals", "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike", "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals", "NotIpAddress": "IpAddress", "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}  # fmt: skip
