"""Folds the policies that speak of one request into an answer: allow, deny or not-evaluated.

The order is AWS's own: an explicit deny in any policy ends it; then an identity policy or the
resource's own policy has to allow (a key's and a role's own policy always, of another account both),
the permissions boundary caps what a role gets, and an endpoint lets pass only what its policy allows:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
Service control, resource control and session policies are the organisation's and are not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redoubt.infra.policies import conditions, matching
from redoubt.infra.policies.document import Policy, Statement
from redoubt.infra.policies.request import Request
from redoubt.infra.policies.truth import Truth, every, some

ALLOW, DENY, NOT_EVALUATED = "allow", "deny", "not-evaluated"
ANSWERS = {True: ALLOW, False: DENY, None: NOT_EVALUATED}


@dataclass(frozen=True)
class Guard:
    """The policy of a resource itself, the account that owns it, and whether nothing opens without it."""

    policy: Policy
    account: str
    must_allow: bool = False  # keys and roles


@dataclass(frozen=True)
class Policies:
    """What may speak of a request. Without a boundary or an endpoint nothing is capped by one."""

    identity: Sequence[Policy] = ()
    boundary: Policy | None = None
    guard: Guard | None = None
    endpoint: Policy | None = None

    def all(self) -> list[Policy]:
        """Return every policy there is."""
        guard = self.guard.policy if self.guard else None
        return [one for one in (*self.identity, self.boundary, guard, self.endpoint) if one]


@dataclass(frozen=True)
class Decision:
    """An answer and the statements that carry it: the denials, else the grants, else what is open."""

    answer: str
    because: tuple[str, ...]


def decide(request: Request, policies: Policies) -> Decision:
    """Return whether a request goes through, and why."""
    denials = [(_where(policy, one), _applies(one, request)) for policy in policies.all()
               for one in policy.statements if not one.allows]  # fmt: skip
    denied = some(truth for _, truth in denials)
    granted = every((
        _granted(request, policies),
        _allows(policies.boundary, request) if policies.boundary else True,
        _allows(policies.endpoint, request) if policies.endpoint else True,
    ))  # fmt: skip
    allowed = every((granted, None if denied is None else not denied))
    because = [where for where, truth in denials if truth]
    if allowed is not False:
        because = [
            _where(policy, one) for policy in policies.all() for one in policy.statements
            if _applies(one, request) is allowed and one.allows | (allowed is None)
        ]  # fmt: skip
    return Decision(ANSWERS[allowed], tuple(because))


def _granted(request: Request, policies: Policies) -> Truth:
    """Return whether the principal's own policies and the resource's, taken together, allow."""
    own = some(_allows(policy, request) for policy in policies.identity)
    guard = policies.guard
    if guard is None:
        return own
    grants = [one for one in guard.policy.statements if one.allows]
    direct = some(_direct(one, request) for one in grants)
    lent = some(_applies(one, request) for one in grants
                if matching.only_by_account(one.principals, request.principal))  # fmt: skip
    foreign = request.principal.kind == "AWS" and request.principal.account != guard.account
    if foreign:
        return every((own, some((direct, lent))))
    return some((direct, every((own, lent if guard.must_allow else True))))


def _direct(statement: Statement, request: Request) -> Truth:
    """Return whether a resource's policy grants by itself.

    A grant to everybody is not evaluated: whether a boundary caps it depends on the kind of session.
    """
    if matching.only_by_account(statement.principals, request.principal):
        return False
    applies = _applies(statement, request)
    return None if applies and matching.everybody(statement.principals) else applies


def _allows(policy: Policy | None, request: Request) -> Truth:
    """Return whether a policy allows, denials left aside."""
    statements = policy.statements if policy else ()
    return some(_applies(one, request) for one in statements if one.allows)


def _applies(statement: Statement, request: Request) -> Truth:
    """Return whether a statement speaks of a request and its conditions hold."""
    spoken = matching.speaks(statement, request)
    if spoken is False:
        return False
    return every((spoken, conditions.hold(statement.conditions, request.context)))


def _where(policy: Policy, statement: Statement) -> str:
    """Return the name of a statement in findings."""
    return f"{policy.name}: {statement.sid or 'a statement without Sid'}"
