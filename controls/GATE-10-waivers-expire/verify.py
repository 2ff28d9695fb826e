"""GATE-10: a waiver is scoped, approved by somebody else and ends; everything else is denied."""

from datetime import timedelta

from redoubt import clock
from redoubt.identity import Identity
from redoubt.proof import proves, waivers


def denied(office) -> list[str]:
    return [verdict.denied for verdict in waivers.judge(office.desk)]


def person(subject, *roles):
    return Identity(subject, "issuer", frozenset(roles), frozenset(), 0.0)


@proves("GATE-10.1")
def test_a_waiver_covers_its_own_unmet_requirement_only(waiver_office):
    office = waiver_office(approved=True)
    verdicts = waivers.judge(office.desk)
    for unmet in ("fail", "not-evaluated", "external"):
        assert waivers.applied(office.judged("GATE-01.1", unmet), verdicts).result == "waived"
    assert waivers.applied(office.judged("GATE-01.1", "pass"), verdicts).result == "pass"
    assert waivers.applied(office.judged("GATE-01.2", "fail"), verdicts).result == "fail"
    unapproved = waivers.judge(waiver_office().desk)
    assert waivers.applied(office.judged("GATE-01.1", "fail"), unapproved).result == "fail"


@proves("GATE-10.2")
def test_an_expired_or_endless_waiver_is_denied(waiver_office, monkeypatch):
    assert denied(waiver_office(approved=True)) == [""]
    endless = waiver_office({"expires": clock.now().date() + timedelta(days=92)}, approved=True)
    assert "longer than 90 days" in denied(endless)[0]
    office, later = waiver_office(approved=True), clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "expired" in denied(office)[0]


@proves("GATE-10.3")
def test_only_another_person_who_may_waive_approves(waiver_office):
    assert denied(waiver_office(approved=True)) == [""]
    office = waiver_office()
    assert "nobody approved" in denied(office)[0]
    office.sign(person(" Mira", "approver"))
    assert "both asked for it and approved it" in denied(office)[0]
    office = waiver_office()
    office.sign(person("tom", "developer", "deployer"))
    assert "may not approve waivers" in denied(office)[0]


@proves("GATE-10.3")
def test_an_approval_is_of_exactly_this_content(waiver_office):
    office = waiver_office(approved=True)
    assert denied(office) == [""]
    office.write({"compensating": "Somebody may look at it some day, or not."})
    assert "nobody approved" in denied(office)[0]


@proves("GATE-10.4")
def test_a_wildcard_is_denied(waiver_office):
    assert denied(waiver_office({"scope": "project"}, approved=True)) == [""]
    for change in ({"requirement": "GATE-*"}, {"scope": "*"}, {"scope": "projec?"}):
        assert "is a wildcard" in denied(waiver_office(change, approved=True))[0]
    assert "is not 'project'" in denied(waiver_office({"scope": "all"}, approved=True))[0]


@proves("GATE-10.4")
def test_a_models_waiver_names_the_promoted_digest(waiver_office):
    good, other = "sha256:" + "a" * 64, "sha256:" + "b" * 64
    for scope, expected in ((good, True), (other, False), ("project", False)):
        office = waiver_office({"requirement": "GATE-01.2", "scope": scope}, approved=True)
        office.promote(good)
        assert waivers.judge(office.desk)[0].acts is expected, scope


@proves("GATE-10.5")
def test_an_unknown_requirement_and_this_control_are_denied(waiver_office):
    assert denied(waiver_office({"requirement": "GATE-01.1"}, approved=True)) == [""]
    for name in ("NET-01.1", "GATE-01", "GATE-01.9"):
        assert "no requirement" in denied(waiver_office({"requirement": name}, approved=True))[0]
    own = waiver_office({"requirement": "GATE-10.1"}, approved=True)
    assert "cannot be waived" in denied(own)[0]


@proves("GATE-10.6")
def test_a_malformed_or_doubled_entry_is_denied_and_named(waiver_office):
    assert denied(waiver_office(approved=True)) == [""]
    for field in ("compensating", "justification", "requester", "expires", "scope"):
        assert field in denied(waiver_office({field: None}))[0]
    assert denied(waiver_office({}, {}, approved=True)) == ["2 waivers have this id"] * 2


@proves("GATE-10.6")
def test_a_broken_ledger_and_a_set_back_clock_deny(waiver_office, monkeypatch):
    office = waiver_office(approved=True)
    assert denied(office) == [""]
    before = clock.now() - timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: before)
        assert "no approval can be read" in denied(office)[0]
    ledger = office.desk.settings.state / "records" / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(b'"seq":0', b'"seq":1'))
    assert "no approval can be read" in denied(office)[0]


@proves("GATE-10.7")
def test_the_plan_of_action_lists_waivers_and_what_is_open(waiver_office):
    office = waiver_office({}, {"id": "RISK-2", "scope": "*"}, approved=True)
    verdicts = waivers.judge(office.desk)
    met, unmet = office.judged("GATE-01.2", "pass"), office.judged("GATE-01.1", "fail")
    plan = waivers.plan_of_action([met, waivers.applied(unmet, verdicts)], verdicts)
    rows = {row["id"]: (row["acts"], row["approver"]) for row in plan["waivers"]}
    assert rows == {"RISK-1": (True, "ada"), "RISK-2": (False, None)}
    assert [(item["requirement"], item["waiver"]) for item in plan["open"]] == [
        ("GATE-01.1", "RISK-1")
    ]
