"""The evaluator of AWS policies: parsing, matching, conditions, and how policies fold."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redoubt.errors import BadInput
from redoubt.infra.policies import conditions, matching
from redoubt.infra.policies.decide import (
    ALLOW,
    DENY,
    NOT_EVALUATED,
    Guard,
    Policies,
    decide,
)
from redoubt.infra.policies.document import Condition, Policy, parse
from redoubt.infra.policies.request import Principal, Request, ask, context_of, role
from redoubt.infra.policies.truth import every, some

TRAINER = role("111122223333", "trainer")
KEY = "arn:aws:kms:eu-central-1:111122223333:key/1"
FILE = "arn:aws:s3:::raw/a/b.csv"


def policy(*statements: dict[str, Any], name: str = "p") -> Policy:
    """Return a policy of statements; what a statement leaves out allows everything."""
    full = [{"Effect": "Allow", "Action": "*", "Resource": "*", **one} for one in statements]
    return parse({"Version": "2012-10-17", "Statement": full}, name)


def answer(request: Request, **policies: Any) -> str:
    """Return the answer of the policies to a request."""
    return decide(request, Policies(**policies)).answer


def read(resource: str = FILE, **context: str) -> Request:
    """Return a request of the trainer to read an object."""
    return ask(TRAINER, "s3:GetObject", resource, "o-own0000000", "eu-central-1", **context)


@pytest.mark.parametrize(
    ("pattern", "resource", "fits"),
    [
        ("*", FILE, True),
        ("arn:aws:s3:::raw/*", FILE, True),
        ("arn:aws:s3:::raw/a/?.csv", FILE, True),
        ("arn:aws:s3:::raw", FILE, False),
        ("arn:aws:s3:::ra?", "arn:aws:s3:::raw", True),
        ("arn:aws:s3:::raw/[ab]/*", FILE, False),
        ("arn:aws:ecs:*:111122223333:cluster/x", "arn:aws:ecs:eu-central-1:111122223333:cluster/x", True),
        ("arn:aws:e*s:eu:1:cluster/x", "arn:aws:events:ecs:eu:1:cluster/x", False),
        ("arn:aws:logs:*", "arn:aws:logs:eu-central-1:1:log-group:x", True),
        ("arn:aws:s3:::${aws:username}/*", FILE, None),
    ],
)  # fmt: skip
def test_a_resource_fits_a_pattern(pattern: str, resource: str, fits: bool | None) -> None:
    assert matching.resource_like(pattern, resource) is fits


@pytest.mark.parametrize(
    ("written", "asked", "spoken"),
    [
        ({"Action": "s3:getobject"}, "s3:GetObject", True),
        ({"Action": ["s3:Put*", "s3:G?tObject"]}, "s3:GetObject", True),
        ({"Action": "s3:Put*"}, "s3:GetObject", False),
        ({"NotAction": ["s3:Get*"]}, "s3:GetObject", False),
        ({"NotAction": ["iam:*"]}, "s3:GetObject", True),
    ],
)
def test_an_action_is_spoken_of(written: dict[str, Any], asked: str, spoken: bool) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Resource": "*", **written},
    }
    assert matching.action(parse(document, "p").statements[0], asked) is spoken


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Effect": "Permit"}, "the effect 'Permit'"),
        ({"NotPrincipal": "*"}, "'NotPrincipal'"),
        ({"NotAction": "s3:*"}, "Action and NotAction"),
    ],
)
def test_a_document_that_is_not_understood_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        policy(change)
    with pytest.raises(BadInput, match="2012-10-17"):
        parse({"Version": "2008-10-17", "Statement": []}, "old")
    with pytest.raises(BadInput, match="no JSON"):
        parse("{", "torn")


def condition(operator: str, key: str, *values: str) -> dict[str, Any]:
    """Return a statement that allows under one condition."""
    return {"Condition": {operator: {key: list(values)}}}


@pytest.mark.parametrize("operator", ["StringSounds", "BinaryEquals", "ForSomeValues:StringEquals", "NullIfExists"])  # fmt: skip
def test_an_unknown_operator_is_never_an_answer(operator: str) -> None:
    unknown = condition(operator, "aws:PrincipalOrgID", "o-own0000000")
    assert answer(read(), identity=[policy(unknown)]) == NOT_EVALUATED
    denied = policy({}, {"Effect": "Deny", **unknown})
    assert answer(read(), identity=[denied]) == NOT_EVALUATED


def test_an_unknown_key_is_never_an_answer_and_a_certain_denial_stays_one() -> None:
    unknown = condition("StringEquals", "aws:Moonphase", "full")
    assert answer(read(), identity=[policy(unknown)]) == NOT_EVALUATED
    assert answer(read(), identity=[policy({}, {"Effect": "Deny", **unknown})]) == NOT_EVALUATED
    both = policy({}, {"Effect": "Deny", **unknown}, {"Effect": "Deny"})
    assert answer(read(), identity=[both]) == DENY
    aside = policy({}, {"Effect": "Deny", **unknown, "Action": "kms:*"})
    assert answer(read(), identity=[aside]) == ALLOW


@pytest.mark.parametrize(
    ("operator", "written", "holds"),
    [
        ("StringEquals", "a", None),
        ("ForAnyValue:StringEquals", "a", True),
        ("ForAllValues:StringEquals", "a", False),
        ("ForAllValues:StringNotEquals", "c", True),
        ("ForAnyValue:StringNotEquals", "a", True),
    ],
)
def test_a_key_with_several_values_wants_a_set_operator(
    operator: str, written: str, holds: bool | None
) -> None:
    context = context_of({"aws:TagKeys": ("a", "b")})
    assert conditions.holds(Condition(operator, "aws:TagKeys", (written,)), context) is holds


@pytest.mark.parametrize(
    ("operator", "written", "seen", "holds"),
    [
        ("StringLike", "o-*", "o-own", True),
        ("StringNotLike", "o-*", "o-own", False),
        ("StringEqualsIgnoreCase", "O-OWN", "o-own", True),
        ("NumericGreaterThanEquals", "1.2", "1.20", True),
        ("NumericLessThan", "1.2", "soon", False),
        ("NumericLessThan", "soon", "1.2", None),
        ("DateLessThan", "2026-11-26T00:00:00Z", "2026-11-25T23:59:59Z", True),
        ("DateGreaterThan", "2026-11-26T00:00:00Z", "1764000000", False),
        ("IpAddress", "10.64.0.0/16", "10.64.3.4", True),
        ("NotIpAddress", "10.64.0.0/16", "10.65.3.4", True),
        ("IpAddress", "10.64.0.0/99", "10.64.3.4", None),
        ("StringEquals", "${aws:PrincipalOrgID}", "o-own", None),
    ],
)
def test_an_operator_compares(operator: str, written: str, seen: str, holds: bool | None) -> None:
    context = context_of({"aws:SourceIp": seen})
    assert conditions.holds(Condition(operator, "aws:SourceIp", (written,)), context) is holds


def test_lines_must_all_hold_and_values_are_alternatives() -> None:
    two = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-x", "o-own0000000"]},
                         "Bool": {"aws:SecureTransport": "true"}}}  # fmt: skip
    assert answer(read(), identity=[policy(two)]) == ALLOW
    assert answer(read(aws__SecureTransport="false"), identity=[policy(two)]) == DENY


def test_nothing_is_allowed_by_default() -> None:
    assert answer(read()) == DENY
    assert decide(read(), Policies([policy({"Sid": "Yes"})])).because == ("p: Yes",)
    assert decide(read(), Policies([policy({}, {"Sid": "No", "Effect": "Deny"})])).because == (
        "p: No",
    )


def test_a_boundary_caps_and_grants_nothing() -> None:
    ceiling = policy({"Action": "s3:GetObject"}, name="boundary")
    assert answer(read(), boundary=ceiling) == DENY
    assert answer(read(), identity=[policy({})], boundary=ceiling) == ALLOW
    write = Request(TRAINER, "s3:PutObject", FILE)
    assert answer(write, identity=[policy({})], boundary=ceiling) == DENY


def test_a_bucket_grants_by_itself_within_the_account_under_the_boundary() -> None:
    bucket = Guard(policy({"Principal": {"AWS": TRAINER.name}}), "111122223333")
    assert answer(read(), guard=bucket) == ALLOW
    assert answer(read(), guard=bucket, boundary=policy({"Action": "kms:*"})) == DENY
    named = Guard(policy({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}), "111122223333")
    assert answer(read(), guard=named) == DENY
    assert answer(read(), guard=named, identity=[policy({})]) == ALLOW


def test_of_another_account_both_sides_must_allow() -> None:
    bucket = Guard(policy({"Principal": {"AWS": TRAINER.name}}), "999999999999")
    assert answer(read(), guard=bucket) == DENY
    assert answer(read(), identity=[policy({})], guard=bucket) == ALLOW
    silent = Guard(policy({"Principal": {"Service": "s3.amazonaws.com"}}), "999999999999")
    assert answer(read(), identity=[policy({})], guard=silent) == DENY


def test_a_key_opens_to_nobody_whom_its_own_policy_does_not_name() -> None:
    use = Request(TRAINER, "kms:Decrypt", KEY)
    silent = Guard(
        policy({"Action": "kms:Describe*", "Principal": {"AWS": "*"}}), "111122223333", True
    )
    assert answer(use, identity=[policy({})], guard=silent) == DENY
    lent = Guard(policy({"Principal": {"AWS": "111122223333"}}), "111122223333", True)
    assert answer(use, identity=[policy({})], guard=lent) == ALLOW
    assert answer(use, guard=lent) == DENY
    direct = Guard(policy({"Principal": {"AWS": TRAINER.name}}), "111122223333", True)
    assert answer(use, guard=direct) == ALLOW


def test_a_grant_to_everybody_is_not_evaluated() -> None:
    bucket = Guard(policy({"Principal": "*"}), "111122223333")
    assert answer(read(), guard=bucket) == NOT_EVALUATED
    assert answer(read(), guard=bucket, identity=[policy({})]) == ALLOW


def test_a_service_is_let_in_by_the_resource_alone() -> None:
    trail = Principal("Service", "cloudtrail.amazonaws.com")
    bucket = Guard(policy({"Principal": {"Service": trail.name}}), "111122223333")
    assert answer(Request(trail, "s3:PutObject", FILE), guard=bucket) == ALLOW
    assert (
        answer(
            Request(Principal("Service", "config.amazonaws.com"), "s3:PutObject", FILE),
            guard=bucket,
        )
        == DENY
    )


def test_an_endpoint_lets_pass_only_what_it_allows() -> None:
    through = policy({"Principal": "*", "Action": "s3:GetObject"})
    assert answer(read(), identity=[policy({})], endpoint=through) == ALLOW
    assert (
        answer(Request(TRAINER, "s3:PutObject", FILE), identity=[policy({})], endpoint=through)
        == DENY
    )
    assert answer(read(), endpoint=through) == DENY


STATEMENTS = st.fixed_dictionaries({
    "Effect": st.sampled_from(["Allow", "Deny"]),
    "Action": st.sampled_from(["*", "s3:*", "s3:GetObject", "kms:*"]),
    "Resource": st.sampled_from(["*", FILE, "arn:aws:s3:::other/*"]),
    "Condition": st.sampled_from([
        {}, {"Bool": {"aws:SecureTransport": "true"}}, {"Bool": {"aws:SecureTransport": "false"}},
        {"StringEquals": {"aws:Moonphase": "full"}},
    ]),
})  # fmt: skip
SOME = st.lists(STATEMENTS, max_size=4).map(lambda many: policy(*many))
# A busy machine is no fault of the policies.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PATIENT
@given(identity=SOME, boundary=SOME, place=st.integers(0, 3))
def test_a_denial_anywhere_beats_every_grant(
    identity: Policy, boundary: Policy, place: int
) -> None:
    deny = policy({"Effect": "Deny", "Principal": "*"})
    guards = Guard(
        deny if place == 2 else policy({"Principal": {"AWS": TRAINER.name}}), "111122223333"
    )
    given_: dict[str, Any] = {
        "identity": [identity, policy({}), *([deny] if place == 0 else [])],
        "boundary": deny if place == 1 else boundary,
        "guard": guards, "endpoint": deny if place == 3 else policy({}),
    }  # fmt: skip
    assert answer(read(), **given_) == DENY


@PATIENT
@given(identity=SOME, boundary=SOME)
def test_a_boundary_never_adds(identity: Policy, boundary: Policy) -> None:
    alone = answer(read(), identity=[identity])
    capped = answer(read(), identity=[identity], boundary=boundary)
    if alone == DENY:
        assert capped == DENY
    if capped == ALLOW:
        assert alone == ALLOW


@PATIENT
@given(identity=SOME)
def test_an_unknown_condition_is_between_the_answers_of_true_and_false(identity: Policy) -> None:
    """What is not evaluated is said only where it matters, and always where it does."""
    unknown = [(n, one) for n, one in enumerate(identity.statements)
               if any(line.key == "aws:Moonphase" for line in one.conditions)]  # fmt: skip
    worlds = set()
    for outcome in itertools.product([True, False], repeat=len(unknown)):
        wanted = {place: holds for (place, _), holds in zip(unknown, outcome, strict=True)}
        decided = [_plain(one, wanted.get(n)) for n, one in enumerate(identity.statements)]
        worlds.add(answer(read(), identity=[policy(*decided)]))
    expected = worlds.pop() if len(worlds) == 1 else NOT_EVALUATED
    assert answer(read(), identity=[identity]) == expected


def _plain(statement: Any, holds: bool | None) -> dict[str, Any]:
    """Return a statement with its unknown condition put as true or false."""
    lines = {line.operator: {line.key: list(line.values)} for line in statement.conditions}
    if holds is not None:
        lines = {"Bool": {"aws:SecureTransport": ["true" if holds else "false"]}}
    return {
        "Effect": "Allow" if statement.allows else "Deny", "Action": list(statement.actions),
        "Resource": list(statement.resources), "Condition": lines,
    }  # fmt: skip


def test_three_values_fold_as_they_should() -> None:
    values = (True, False, None)
    for one, two in itertools.product(values, values):
        assert every([one, two]) is (
            False if False in (one, two) else None if None in (one, two) else True
        )
        assert some([one, two]) is (
            True if True in (one, two) else None if None in (one, two) else False
        )
