"""Whether the conditions of a statement hold in a request.

Several values of a line are alternatives, several lines must all hold, and a missing key fails every
operator but the negated ones, ...IfExists and Null; ForAllValues holds for none at all:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from collections.abc import Iterable

from redoubt.infra.policies import keys
from redoubt.infra.policies.document import Condition
from redoubt.infra.policies.operators import COMPARE, NEGATED, Compare
from redoubt.infra.policies.request import Context
from redoubt.infra.policies.truth import Truth, every, opposite, some

ALL, ANY = "ForAllValues:", "ForAnyValue:"
IF_EXISTS = "IfExists"


def hold(conditions: Iterable[Condition], context: Context) -> Truth:
    """Return whether all conditions hold; an unknown operator, key or variable is not evaluated."""
    return every(holds(one, context) for one in conditions)


def holds(condition: Condition, context: Context) -> Truth:
    """Return whether one line holds."""
    variable = any("${" in value for value in condition.values)
    if variable or not keys.known(condition.key):
        return None
    seen = context.get(condition.key.lower())
    if condition.operator == "Null":
        return _null(condition.values, missing=seen is None)
    quantifier, name, lenient = split(condition.operator)
    positive = NEGATED.get(name, name)
    if positive not in COMPARE:
        return None
    if seen is None:
        return lenient or quantifier == ALL or (name in NEGATED and quantifier != ANY)
    if not quantifier and (len(seen) > 1 or keys.several(condition.key)):
        return None  # AWS calls the outcome of a key with several values undefined here.
    answers = [_one(COMPARE[positive], value, condition.values) for value in seen]
    if name in NEGATED:
        answers = [opposite(answer) for answer in answers]
    return some(answers) if quantifier == ANY else every(answers)


def split(operator: str) -> tuple[str, str, bool]:
    """Return (set operator or "", base name, whether a missing key is enough)."""
    quantifier = next((word for word in (ALL, ANY) if operator.startswith(word)), "")
    name = operator.removeprefix(quantifier)
    return quantifier, name.removesuffix(IF_EXISTS), name.endswith(IF_EXISTS)


def _one(compare: Compare, seen: str, written: tuple[str, ...]) -> Truth:
    """Return whether one value of the request fits one of the policy's."""
    return some(compare(seen, value) for value in written)


def _null(written: tuple[str, ...], *, missing: bool) -> Truth:
    """Return whether a key is missing where that is asked, or there where that is asked."""
    wanted = {"true": missing, "false": not missing}
    return some(wanted.get(value.lower()) for value in written)
