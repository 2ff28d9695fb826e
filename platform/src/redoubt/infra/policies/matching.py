"""Whether a statement speaks of an action, a resource, a principal.

Actions and resources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
Principals: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from redoubt.infra.policies.document import Pairs, Statement
from redoubt.infra.policies.request import Principal, Request
from redoubt.infra.policies.truth import Truth, every, opposite, some

ACCOUNT = re.compile(r"(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?")
KINDS = {"AWS", "Service", "Federated"}


@lru_cache(maxsize=4096)
def _pattern(text: str, any_character: str) -> re.Pattern[str]:
    """Return a pattern in which * and ? are wildcards and everything else is itself."""
    words = {"*": f"{any_character}*", "?": any_character}
    return re.compile("".join(words.get(one) or re.escape(one) for one in text), re.S)


@lru_cache(maxsize=65536)
def like(pattern: str, text: str) -> bool:
    """Return whether a text fits a pattern with * and ?, to the letter."""
    return _pattern(pattern, ".").fullmatch(text) is not None


def arn_like(pattern: str, arn: str) -> bool:
    """Return whether each of an ARN's six parts fits, as ArnLike compares them."""
    wanted, seen = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(seen) and all(map(like, wanted, seen))


@lru_cache(maxsize=65536)
def resource_like(pattern: str, resource: str) -> Truth:
    """Return whether a resource fits; a policy variable in the pattern is not evaluated."""
    if "${" in pattern:
        return None
    if pattern == "*":
        return True
    parts = pattern.split(":", 5)
    # A * at the end of a part may go on beyond the colon, any other stays within its part.
    sources = [_part(part, last=place == 5) for place, part in enumerate(parts)]
    return re.fullmatch(":".join(sources), resource, re.S) is not None


def _part(part: str, *, last: bool) -> str:
    """Return the pattern of one part of an ARN."""
    if last:
        return _pattern(part, ".").pattern
    if part.endswith("*"):
        return _pattern(part[:-1], "[^:]").pattern + ".*"
    return _pattern(part, "[^:]").pattern


def action(statement: Statement, asked: str) -> bool:
    """Return whether a statement speaks of an action; case does not count."""
    if statement.actions is not None:
        return _listed(statement.actions, asked)
    return not _listed(statement.not_actions or (), asked)


@lru_cache(maxsize=65536)
def _listed(actions: tuple[str, ...], asked: str) -> bool:
    """Return whether an action is in a list with wildcards."""
    return any(like(one.lower(), asked.lower()) for one in actions)


def resource(statement: Statement, asked: str) -> Truth:
    """Return whether a statement speaks of a resource; one without a resource speaks of its own."""
    if statement.resources is not None:
        return some(resource_like(one, asked) for one in statement.resources)
    if statement.not_resources is not None:
        return opposite(some(resource_like(one, asked) for one in statement.not_resources))
    return True


def named(principals: Pairs | None, who: Principal) -> Truth:
    """Return whether a principal is meant, by name, by "*" or by its account."""
    return (
        True if principals is None else some(_meant(kind, name, who) for kind, name in principals)
    )


def only_by_account(principals: Pairs | None, who: Principal) -> bool:
    """Return whether a principal is meant through its account alone: that lends, and grants nothing."""
    direct = [pair for pair in principals or () if not ACCOUNT.fullmatch(pair[1])]
    return principals is not None and named(tuple(direct), who) is False


def everybody(principals: Pairs | None) -> bool:
    """Return whether a statement names nobody in particular."""
    return any(name == "*" for _, name in principals or ())


def _meant(kind: str, name: str, who: Principal) -> Truth:
    """Return whether one entry means a principal."""
    if kind not in KINDS:
        return None
    if kind == "AWS" and name == "*":
        return True
    if kind == "AWS" and (account := ACCOUNT.fullmatch(name)):
        return who.kind == "AWS" and who.account == account[1]
    return kind == who.kind and name == who.name


def speaks(statement: Statement, request: Request) -> Truth:
    """Return whether a statement is about a request, conditions left aside."""
    meant = named(statement.principals, request.principal)
    if meant is False or not action(statement, request.action):
        return False  # Most statements end here, before any ARN is looked at.
    return every((meant, resource(statement, request.resource)))
