"""What is wrong with the policies of a plan, one function a concern; no finding means nothing was found.

Each takes a plan's JSON (`naming.named` leaves no policy open) and asks requests: the one
that must go through, and its twin that must not. An answer that is not evaluated is a finding too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from redoubt.infra.policies import conditions, estate, keys, matrix
from redoubt.infra.policies.decide import ALLOW, DENY, NOT_EVALUATED, Decision
from redoubt.infra.policies.document import Policy, Statement
from redoubt.infra.policies.estate import Estate
from redoubt.infra.policies.operators import COMPARE, NEGATED

Plan = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """What was found, at which policy or role, under which control."""

    control: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.control} {self.where}: {self.what}"


def policies(found: Estate) -> Iterator[Policy]:
    """Yield every policy of an estate once; the boundary of all roles is one policy."""
    seen = set()
    for role in found.roles.values():
        for one in (role.trust, *role.identity, role.boundary):
            if one and one.name not in seen:
                seen.add(one.name)
                yield one
    yield from (guard.policy for guard in (*found.keys.values(), *found.guards.values()))
    yield from found.endpoints.values()


def pairs(plan: Plan) -> set[tuple[str, str]]:
    """Return every (operator, key) that the policies of a plan use."""
    return {(line.operator, line.key) for policy in policies(estate.read(plan))
            for one in policy.statements for line in one.conditions}  # fmt: skip


def unread(plan: Plan) -> list[Finding]:
    """Return what no answer can be trusted with: open policies, unknown operators, keys, variables."""
    found = estate.read(plan)
    open_ = [
        Finding("IAM-01", address, "the plan does not know this policy") for address in found.open
    ]
    unknown = [
        Finding("IAM-01", policy.name, f"{line.operator} on {line.key} is not evaluated")
        for policy in policies(found) for one in policy.statements for line in one.conditions
        if not _known(line.operator, line.key)
    ]  # fmt: skip
    unknown += [Finding("IAM-01", policy.name, f"{text} holds a variable that is not evaluated")
                for policy in policies(found) for one in policy.statements for text in _written(one)
                if "${" in text]  # fmt: skip
    bare = [Finding("IAM-01", name, f"the role has no {missing}")
            for name, role in found.roles.items()
            for missing, there in (("boundary", role.boundary), ("policy", role.identity),
                                   ("trust policy", role.trust)) if not there]  # fmt: skip
    bare += [Finding("IAM-01", name, "the bucket has no policy that the plan knows")
             for name in found.buckets if name not in found.guards]  # fmt: skip
    return open_ + unknown + bare


def _written(one: Statement) -> Iterator[str]:
    """Yield what a statement writes in which AWS would fill a variable in."""
    yield from (*(one.resources or ()), *(one.not_resources or ()))
    yield from (value for line in one.conditions for value in line.values)


def _known(operator: str, key: str) -> bool:
    """Return whether a pair is evaluated."""
    name = conditions.split(operator)[1]
    return keys.known(key) and (operator == "Null" or NEGATED.get(name, name) in COMPARE)


def access(plan: Plan, table: matrix.Matrix, *, may: bool | None = None) -> list[Finding]:
    """Return each cell of the access matrix that the policies answer otherwise than it is written.

    With ``may`` only of the cells that are allowed, or of those that are not.
    """
    found = estate.read(plan)
    return [
        Finding("IAM-01", cell.role, f"{cell.action} on {arn}{_via(cell)} is {decision.answer}, the "
                f"matrix says {'may' if cell.may else 'may not'} ({'; '.join(decision.because)})")
        for cell in matrix.cells(table, found.environment) if may in (None, cell.may)
        for arn in matrix.arns(found, cell)
        if _differs(cell, decision := matrix.judge(found, cell, arn))
    ]  # fmt: skip


def beside(plan: Plan, table: matrix.Matrix) -> list[Finding]:
    """Return each allowed cell that is answered the same when the call is not the one it is for.

    The service that a key is used through, the service that a role is passed to, the encryption of an
    upload: each is another one, and then missing, and each time the answer has to be no.
    """
    found = estate.read(plan)
    return [
        Finding("IAM-01", cell.role, f"{cell.action} on {arn} is {answer} with {value or 'no'} {key}")
        for cell in matrix.cells(table, found.environment) if cell.may
        for arn in matrix.arns(found, cell) for key, fair in matrix.context(found, cell).items()
        for value in (f"x{fair}", "")
        if (answer := matrix.judge(found, cell, arn, changed={key: value}).answer) != DENY
    ]  # fmt: skip


def _via(cell: matrix.Cell) -> str:
    return f" via {cell.via}" if cell.via else ""


def _differs(cell: matrix.Cell, decision: Decision) -> bool:
    """Return whether an answer is not the written one; not evaluated never is."""
    return decision.answer == NOT_EVALUATED or (decision.answer == ALLOW) is not cell.may


def wildcards(plan: Plan) -> list[Finding]:
    """Return each grant of a role with a wildcard in its actions, or without any named resource.

    A resource of "*" is left to the boundary, which grants nothing, and to actions for which AWS offers
    no resource: those stand as `everything` in the access matrix.
    """
    return [
        Finding("IAM-01", policy.name, f"{one.sid} grants {action}")
        for role in estate.read(plan).roles.values() for policy in role.identity
        for one in policy.statements if one.allows
        for action in (one.actions or ("everything but " + ", ".join(one.not_actions or ()),))
        if "*" in action or "?" in action or one.actions is None
    ]  # fmt: skip
