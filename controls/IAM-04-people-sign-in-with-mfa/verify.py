"""Proves IAM-04: people come by the bank's identity provider with MFA, and emergency access is heard."""

from redoubt.infra.policies import trust
from redoubt.infra.separation import given
from redoubt.proof import NotEvaluated, proves

SAML = "sts:AssumeRoleWithSAML"
WEAK = ("", "x", "https://refeds.org/profile/sfa", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password")  # fmt: skip
HOUR = 3600
REMEDY = "attach the landing zone's alarm on AssumeRole* for this project's break-glass role"
# Roles that reach furthest are taken for an hour.
SHORT = {"break-glass", "key-administrator"}


@proves("IAM-04.1")
def test_people_and_nobody_else_come_by_the_banks_identity_provider(policies, signed_in):
    assert len(signed_in.people) >= 6
    assert [str(one) for one in trust.trusts(policies) if one.control == "IAM-04"] == []
    ours = ("Federated", signed_in.provider)
    for function, role in signed_in.estate.functions():
        takers = trust.takers(role)
        if function in signed_in.people:
            assert takers == {(SAML, *ours)}, function
        assert any(who[1:] == ours for who in takers) is (function in signed_in.people), function


@proves("IAM-04.2")
def test_without_mfa_nobody_takes_a_role_and_with_it_he_does(signed_in):
    for role in signed_in.people:
        assert signed_in.take(role) == "allow", role
        assert {signed_in.take(role, mfa=one) for one in WEAK} == {"deny"}, role


@proves("IAM-04.3")
def test_another_audience_provider_or_way_is_refused(signed_in):
    here = f"arn:aws:iam::{signed_in.account}"
    providers = (f"{signed_in.provider}x", signed_in.provider.replace(signed_in.account, "0" * 12),
                 f"{here}:oidc-provider/token.actions.githubusercontent.com")  # fmt: skip
    direct = [(f"{here}:{who}", how) for who in ("user/somebody", "role/admin", "root")
              for how in ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")]  # fmt: skip
    for role in signed_in.people:
        assert signed_in.take(role) == "allow", role
        answers = {signed_in.take(role, aud=one) for one in ("", "x", "https://signin.aws.amazon.com/saml/x")}  # fmt: skip
        answers |= {signed_in.take(role, name=one) for one in providers}
        answers |= {signed_in.take(role, kind="AWS", name=who, how=how) for who, how in direct}
        assert answers == {"deny"}, role


@proves("IAM-04.4")
def test_a_session_ends_with_the_day_and_a_powerful_one_within_the_hour(planned, signed_in):
    lasts = {item.values["name"].removeprefix(f"{signed_in.estate.prefix}-"): item.values["max_session_duration"]
             for item in planned.of("aws_iam_role")}  # fmt: skip
    assert set(signed_in.people) >= SHORT
    for role in signed_in.people:
        assert 0 < lasts[role] <= (HOUR if role in SHORT else 8 * HOUR), role


@proves("IAM-04.5")
def test_taking_the_break_glass_role_raises_an_alarm_that_is_heard(planned, watch, incidents):
    if given(planned, "landing_zone").get("alarm_topic_arn"):
        raise NotEvaluated("A landing zone brings the trail and its alarms.", remedy=REMEDY)
    taken = incidents["break-glass-use"].raises
    assert [e["eventName"] for e in taken if "break-glass-use" not in watch.rung(e)] == []
