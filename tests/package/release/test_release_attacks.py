"""What a healthy release denies: gates, rooms, approvals and decisions that do not hold."""

from datetime import timedelta

import pytest

from redoubt import admission, clock, digests
from redoubt.admission import Case
from redoubt.errors import BadInput, Refused
from redoubt.records import Approval, ControlResult, Decision
from redoubt.release import promote
from redoubt.release.registry import Registry

OFFLINE = ("performance", "parity-onnx")
ALL = (*OFFLINE, "parity-service")


def denied(bank, why):
    """Promote, expect a recorded denial that says why, and an alias that did not move."""
    decision = bank.promote()
    assert decision.outcome == "denied"
    assert any(why in reason for reason in decision.reasons), decision.reasons
    assert bank.ledger.newest(Decision) == decision
    assert admission.promoted(bank.ledger) is None
    assert Registry(bank.settings, bank.project).champion() is None


@pytest.mark.parametrize("gate", ALL)
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"outcome": "fail", "reasons": ("auc",)}, "says fail: auc"),
        ({"outcome": "error"}, "says error"),
        ({"dataset": digests.digest(b"other")}, "another dataset"),
        ({"tier": 3}, "another dataset or tier"),
        ({"rules": digests.digest(b"other")}, "rules changed"),
        ({"at": clock.now() - timedelta(days=15)}, "too old"),
        ({"at": clock.now() + timedelta(days=1)}, "too old"),
    ],
    ids=["fail", "error", "dataset", "tier", "rules", "stale", "future"],
)
def test_a_gate_result_that_does_not_hold_denies(office, gate, changes, why):
    bank = office("ready")
    bank.judge(gate, **changes)
    denied(bank, why)


@pytest.mark.parametrize("gate", ALL)
def test_a_missing_gate_and_one_of_another_model_deny(office, gate):
    bank = office("registered")
    if gate == "parity-service":
        bank.judge(*OFFLINE)
        bank.approve()
    else:
        bank.judge(*(name for name in ALL if name != gate))
    bank.judge(gate, model=digests.digest(b"another"))
    denied(bank, f"Gate {gate} has no result")


def test_a_check_that_crashes_denies(office, monkeypatch):
    bank = office("ready")
    monkeypatch.setattr(admission, "check_provenance", lambda case: 1 // 0)
    denied(bank, "provenance: error ZeroDivisionError")


def test_each_denial_of_the_rooms_denies_and_stays_on_the_ledger(office, said):
    bank = office("ready")
    answer = said(Case(bank.settings, bank.project, bank.digest),
                  denials=("GATE-02.7: fail: it is worse", "lock: clock.py was edited."))  # fmt: skip
    decision = bank.promote(rooms=lambda case: answer)
    assert decision.reasons == tuple(f"control:{text}" for text in answer.denials)
    assert bank.ledger.newest(ControlResult, bank.digest) == answer
    assert decision.inputs["controls"] == answer.digest
    assert admission.promoted(bank.ledger) is None
    assert bank.promote().outcome == "granted"


@pytest.mark.parametrize(
    "changes", [{"model": digests.digest(b"other")}, {"tier": 3}, {"results": {}}]
)
def test_an_answer_of_the_rooms_about_something_else_denies(office, said, changes):
    bank = office("ready")
    decision = bank.promote(rooms=lambda case: said(case, **changes))
    assert decision.reasons == ("controls: The rooms said nothing of this model.",)
    assert "controls" not in decision.inputs
    assert bank.ledger.newest(ControlResult) is None


@pytest.mark.parametrize("rooms", [lambda case: 1 // 0, lambda case: None])
def test_rooms_that_crash_or_answer_nonsense_deny(office, rooms):
    bank = office("ready")
    decision = bank.promote(rooms=rooms)
    assert (decision.outcome, decision.reasons[0][:15]) == ("denied", "controls: error")
    assert bank.ledger.newest(Decision) == decision


def test_nobody_is_asked_for_somebody_who_may_not_promote(office):
    bank, asked = office("ready"), []
    with pytest.raises(Refused, match="may not promote"):
        bank.promote(bank.ada, rooms=asked.append)
    assert asked == []


def test_a_missing_or_expired_approval_denies(office, later):
    bank = office("judged")
    bank.judge("parity-service")
    denied(bank, "is not approved")
    bank = office("ready")
    later(days=91)
    bank.judge(*ALL)
    denied(bank, "expired on")


def test_an_approval_that_outlives_the_policy_expires_with_the_policy(office, later):
    bank = office("ready")
    given = bank.ledger.newest(Approval)
    bank.ledger.append(given.model_copy(update={"expires": given.at + timedelta(days=9999)}))
    assert bank.promote().outcome == "granted"
    later(days=91)
    with pytest.raises(Refused, match="expired"):
        bank.admit()


@pytest.mark.parametrize(
    ("update", "why"),
    [
        ({"tier": 3}, "another tier or run"),
        ({"run_author": "zoe"}, "another tier or run"),
        ({"gates": {}}, "does not name a passing"),
        ({"gates": dict.fromkeys(OFFLINE, digests.digest(b"x"))}, "does not name a passing"),
    ],
)
def test_an_approval_of_something_else_denies(office, update, why):
    bank = office("ready")
    given = bank.ledger.newest(Approval)
    bank.ledger.append(given.model_copy(update=update))
    denied(bank, why)


@pytest.mark.parametrize("subject", ["mira", "MIRA"])
def test_an_approval_record_by_the_author_denies(office, subject):
    bank = office("ready")
    given = bank.ledger.newest(Approval)
    by = given.by.model_copy(update={"subject": subject})
    bank.ledger.append(given.model_copy(update={"by": by}))
    denied(bank, "cannot approve")


def test_an_approval_record_without_the_role_denies(office):
    bank = office("ready")
    given = bank.ledger.newest(Approval)
    by = given.by.model_copy(update={"subject": "zoe", "roles": ("caller",)})
    bank.ledger.append(given.model_copy(update={"by": by}))
    denied(bank, "may not approve")


def test_who_may_not_promote_is_refused(office):
    bank = office("ready")
    with pytest.raises(Refused, match="may not promote"):
        bank.promote(bank.ada)
    decision = bank.promote(bank.person("ada", roles=["deployer"]))
    assert any("approved this model" in reason for reason in decision.reasons)


def test_a_tightened_limit_after_the_judgement_denies(office):
    bank = office("ready")
    (bank.settings.root / "conf").mkdir()
    (bank.settings.root / "conf" / "gates.yml").write_text(
        "numbers: {performance: {auc_out_of_time: 0.7}}\n"
    )
    denied(bank, "rules changed")


def test_a_looser_override_is_refused_with_the_floor(office):
    bank = office("ready")
    (bank.settings.root / "conf").mkdir()
    (bank.settings.root / "conf" / "release.yml").write_text(
        "numbers: {approval: {valid_days: 400}}\n"
    )
    with pytest.raises(BadInput, match="at most 90"):
        bank.approve()


def test_a_model_of_another_tier_denies_and_is_not_loaded(office):
    bank = office("promoted")
    facts = (bank.settings.root / "project.yml").read_text()
    lower = facts.replace("exposure: high", "exposure: low").replace("individuals", "none")
    (bank.settings.root / "project.yml").write_text(lower)
    assert bank.project.tier != 1
    with pytest.raises(Refused, match="trained for tier 1"):
        bank.admit()
    assert any("tier 1" in reason for reason in bank.promote().reasons)


def test_a_clock_before_the_newest_record_decides_nothing(office, later):
    bank = office("ready")
    later(days=-1)
    with pytest.raises(Refused, match="before the newest record"):
        bank.promote()
    bank = office("promoted")
    with pytest.raises(Refused, match="before the newest record"):
        bank.admit()


def test_uncommitted_code_denies_outside_development(office, monkeypatch):
    bank = office("ready")
    case = Case(bank.settings, bank.project, bank.digest)
    promote.check_code(case)
    monkeypatch.setattr(type(bank.settings), "development", False)
    with pytest.raises(Refused, match="no clean commit"):
        promote.check_code(case)


def test_people_of_the_development_issuer_count_for_nothing_outside(office, monkeypatch):
    bank = office("ready")
    case = Case(bank.settings, bank.project, bank.digest)
    admission.check_approval(case)
    _ = case.settings.trust
    monkeypatch.setattr(type(bank.settings), "development", False)
    with pytest.raises(Refused, match="development issuer"):
        admission.check_approval(case)


def test_an_older_promotion_does_not_admit_the_replaced_model(office):
    bank = office("promoted")
    second = bank.another()
    second.register()
    second.judge(*OFFLINE)
    second.approve()
    second.judge("parity-service")
    second.promote()
    with pytest.raises(Refused, match="not the promoted one"):
        bank.admit()


def test_a_decision_that_weighed_nothing_does_not_admit(office):
    bank = office("promoted")
    given = bank.ledger.newest(Decision)
    bank.ledger.append(given.model_copy(update={"inputs": {}}))
    with pytest.raises(Refused, match="did not weigh"):
        bank.admit()


@pytest.mark.parametrize("denials", [(), ("GATE-02.7: fail: it is worse",)])
def test_a_decision_that_asked_no_room_or_was_told_no_does_not_admit(office, said, denials):
    bank = office("promoted")
    assert bank.admit().decision
    given = bank.ledger.newest(Decision)
    answer = said(Case(bank.settings, bank.project, bank.digest), denials=denials)
    other = bank.ledger.append(answer) if denials else digests.digest(b"nothing")
    bank.ledger.append(given.model_copy(update={"inputs": given.inputs | {"controls": other}}))
    with pytest.raises(Refused, match="did not weigh controls"):
        bank.admit()


@pytest.mark.parametrize("wrong", ["", "sha256:../../etc", "sha256:" + "g" * 64])
def test_what_is_no_digest_is_bad_input(office, wrong):
    bank = office("candidate")
    with pytest.raises(BadInput, match="no digest"):
        Case(bank.settings, bank.project, wrong)
