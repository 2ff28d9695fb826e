"""GATE-10: a waiver is scoped, approved by somebody else and ends; everything else is denied."""

from datetime import timedelta

import pytest

from redoubt import clock
from redoubt.proof import proves, waivers
from redoubt.settings import DEVELOPMENT_ISSUER

MODEL, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@proves("GATE-10.1")
def test_a_waiver_covers_its_own_unmet_requirement_only(waiver_office):
    office = waiver_office()
    acting, denied = waivers.judge(office.desk), waivers.judge(waiver_office(approved=False).desk)
    for unmet in ("fail", "not-evaluated", "external"):
        assert waivers.applied(office.judged("GATE-01.1", unmet), acting).result == "waived"
    assert waivers.applied(office.judged("GATE-01.1", "pass"), acting).result == "pass"
    assert waivers.applied(office.judged("GATE-01.2", "fail"), acting).result == "fail"
    assert waivers.applied(office.judged("GATE-01.1", "fail"), denied).result == "fail"


@proves("GATE-10.2")
def test_an_expired_waiver_is_denied(waiver_office, monkeypatch):
    office, later = waiver_office(), clock.now() + timedelta(days=31)
    assert office.denied == [""]
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "expired" in office.denied[0]


@proves("GATE-10.2")
@pytest.mark.parametrize(("tier", "days"), [(1, 90), (2, 180), (3, 365)])
def test_no_waiver_acts_a_day_longer_than_its_tier_allows(waiver_office, tier, days):
    today = clock.now().date()
    for more, denied in ((0, ""), (1, f"it would act longer than {days} days")):
        office = waiver_office({"expires": today + timedelta(days=days + more)}).of_tier(tier)
        assert office.desk.project.tier == tier
        assert office.denied[0].partition(",")[0] == denied


@proves("GATE-10.2")
def test_no_tier_allows_longer_than_the_table(floors):
    assert floors.moved("GATE-10") == []


@proves("GATE-10.3")
def test_only_another_person_who_may_waive_approves(waiver_office):
    assert waiver_office().denied == [""]
    office, other = waiver_office(approved=False), waiver_office(approved=False)
    assert "nobody approved" in office.denied[0]
    office.sign(" Mira", "approver")
    assert "both asked for it and approved it" in office.denied[0]
    other.sign("tom", "developer", "deployer")
    assert "may not waive" in other.denied[0]


@proves("GATE-10.3")
def test_an_approver_of_the_development_issuer_counts_in_development_only(waiver_office):
    invented, real = waiver_office(approved=False), waiver_office()
    invented.sign("ada", "approver", issuer=DEVELOPMENT_ISSUER)
    assert (invented.denied, real.denied) == ([""], [""])
    for place in ("validation", "production"):
        assert "named by the development issuer" in invented.moved_to(place).denied[0]
        assert real.moved_to(place).denied == [""]


@proves("GATE-10.3")
def test_an_approval_is_of_exactly_this_content(waiver_office):
    office, later = waiver_office(), clock.now().date() + timedelta(days=60)
    assert office.denied == [""]
    for field, value in (
        ("compensating", "Somebody may look at it some day, or not."), ("expires", later),
        ("justification", "It is not needed any more, they say."), ("requester", "kim"),
    ):  # fmt: skip
        office.write({field: value})
        assert "nobody approved" in office.denied[0], field


@proves("GATE-10.3")
def test_an_approval_for_one_model_is_none_for_the_next(waiver_office):
    asked = {"requirement": "GATE-01.2", "scope": MODEL}
    office = waiver_office(asked)
    office.promote(MODEL)
    assert office.denied == [""]
    office.write(asked | {"scope": OTHER})
    office.promote(OTHER)
    assert "nobody approved" in office.denied[0]


@proves("GATE-10.4")
def test_a_wildcard_or_another_models_digest_is_denied(waiver_office):
    for change in ({"requirement": "GATE-*"}, {"scope": "*"}, {"scope": "projec?"}):
        assert "is a wildcard" in waiver_office(change).denied[0]
    assert "is not 'project'" in waiver_office({"scope": "all"}).denied[0]
    for scope, acts in ((MODEL, True), (OTHER, False), ("project", False)):
        office = waiver_office({"requirement": "GATE-01.2", "scope": scope})
        office.promote(MODEL)
        assert (office.denied == [""]) is acts, scope


@proves("GATE-10.5")
def test_an_unknown_requirement_and_this_control_are_denied(waiver_office):
    assert waiver_office({"requirement": "GATE-01.1"}).denied == [""]
    for name in ("NET-01.1", "GATE-01", "GATE-01.9"):
        assert "no requirement" in waiver_office({"requirement": name}).denied[0]
    assert "cannot be waived" in waiver_office({"requirement": "GATE-10.1"}).denied[0]


@proves("GATE-10.6")
def test_what_is_malformed_doubled_or_out_of_order_is_denied_and_named(waiver_office, monkeypatch):
    office, before = waiver_office(), clock.now() - timedelta(days=1)
    assert office.denied == [""]
    for field in ("compensating", "justification", "requester", "expires", "scope"):
        assert field in waiver_office({field: None}, approved=False).denied[0]
    assert waiver_office({}, {}).denied == ["2 waivers have this id"] * 2
    monkeypatch.setattr(clock, "now", lambda: before)
    assert "no approval can be read: The clock" in office.denied[0]


@proves("GATE-10.6")
def test_a_waiver_that_does_not_act_is_reported_and_stops_the_project(inspected):
    assert inspected.healthy() == ([], 0)
    assert [found for _, found in inspected.waived()] == [(["waivers"], 1)] * 2


@proves("GATE-10.6")
def test_every_waiver_that_does_not_act_is_reported(waiver_office):
    assert waiver_office().found() == []
    for office, why in (
        (waiver_office({"scope": None}, approved=False), "RISK-1 does not act: scope="),
        (waiver_office(approved=False), "RISK-1 does not act: nobody approved"),
    ):
        assert [why in said for said in office.found()] == [True]
    office = waiver_office()
    (office.desk.settings.root / waivers.FILE).write_text("waivers: none")
    assert len(office.found()) == 1


@proves("GATE-10.7")
def test_the_plan_of_action_lists_waivers_and_what_is_open(waiver_office):
    office = waiver_office({}, {"id": "RISK-2", "scope": "*"})
    verdicts = waivers.judge(office.desk)
    met, unmet = office.judged("GATE-01.2", "pass"), office.judged("GATE-01.1", "fail")
    plan = waivers.plan_of_action([met, waivers.applied(unmet, verdicts)], verdicts)
    rows = {row["id"]: (row["acts"], row["approver"], row["denied"]) for row in plan["waivers"]}
    assert rows == {
        "RISK-1": (True, "ada", None),
        "RISK-2": (False, None, "its requirement or scope is a wildcard"),
    }
    assert [(row["requirement"], row["waiver"]) for row in plan["open"]] == [
        ("GATE-01.1", "RISK-1")
    ]
