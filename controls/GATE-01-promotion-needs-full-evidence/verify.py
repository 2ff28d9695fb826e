"""Proves GATE-01: only full, fresh evidence about this digest promotes; everything else denies."""

import time
from datetime import timedelta

import pytest

from redoubt import admission, clock
from redoubt.errors import BadInput, Refused
from redoubt.gates.candidate import Judgement
from redoubt.proof import proves, verify
from redoubt.records import GateResult
from redoubt.release import status

OTHER = "sha256:" + "0" * 64
TIGHTER = "numbers: {performance: {auc_out_of_time: 0.66}}"


@proves("GATE-01.1")
def test_full_evidence_is_promoted_by_a_signed_decision_that_names_all_of_it(trial):
    made, weighed = trial().promoted_anew()
    assert (made.outcome, made.by.subject, made.rules[:7]) == ("granted", "mira", "sha256:")
    assert weighed.keys() == {*trial().inputs, "controls", "code", "deployer"}
    assert weighed["approval"].by.subject == "ada"


@proves("GATE-01.1")
def test_the_decision_says_what_it_replaced_and_by_which_rules(trial):
    assert trial().over(OTHER).replaces == OTHER
    overrides = ((), (TIGHTER,), ("numbers: {approval: {valid_days: 80}}", "release"))
    assert len({trial().over(OTHER, *override).rules for override in overrides}) == 3


@proves("GATE-01.2")
def test_without_any_one_input_promotion_is_denied_and_the_denial_recorded(trial):
    assert trial().denied() == []
    assert all(name in blamed for name, blamed in trial.removed())


@proves("GATE-01.2")
def test_a_changed_byte_of_any_input_denies(trial):
    for name, blamed in trial.spoilt():
        assert name in blamed
    with pytest.raises(Refused):
        trial().with_edited_ledger().promote()


@proves("GATE-01.2")
def test_on_other_evidence_the_same_model_is_decided_anew(trial):
    case = trial()
    case.desk.promote()
    newer, made = case.judge("performance"), case.desk.promote()
    assert (made.outcome, made.inputs["gate:performance"]) == ("granted", newer.digest)


@proves("GATE-01.2")
def test_going_back_asks_for_evidence_too(trial):
    assert trial().roll_back("nothing") == "granted"
    assert [trial().roll_back(name) for name in ("signature", "controls")] == ["denied"] * 2


@proves("GATE-01.3")
def test_old_evidence_and_a_set_back_clock_deny(trial, monkeypatch):
    for name, blamed in trial.aged():
        assert name in blamed
    case, earlier = trial(), clock.now() - timedelta(hours=3)
    monkeypatch.setattr(clock, "now", lambda: earlier)
    with pytest.raises(Refused, match="before the newest record"):
        case.desk.promote()


@proves("GATE-01.3")
def test_a_pass_that_a_newer_result_took_back_denies(trial):
    case = trial()
    assert case.denied() == []
    case.desk.record(GateResult, outcome="fail")
    assert case.denied() == ["gate:parity-service"]


@proves("GATE-01.4")
@pytest.mark.parametrize(
    "gate", [lambda *_: 1 / 0, lambda *_: True, lambda *_: Judgement({}), lambda *_: time.sleep(3)]
)
def test_a_gate_that_raises_hangs_or_answers_nonsense_denies(trial, gate):
    case = trial()
    assert case.judged_by(gate).outcome == "error"
    assert "gate:performance" in case.denied()


@proves("GATE-01.4")
@pytest.mark.parametrize("check", ["run", "approval", "gate", "signature"])
def test_a_check_that_raises_denies(trial, monkeypatch, check):
    monkeypatch.setattr(admission, f"check_{check}", lambda *_, **__: 1 / 0)
    assert check in {name.partition(":")[0] for name in trial().denied()}


@proves("GATE-01.5")
def test_evidence_about_another_model_dataset_or_tier_denies(trial):
    for name, blamed in trial.lent():
        assert name in blamed


@proves("GATE-01.6")
def test_a_limit_that_changed_after_the_evidence_denies_and_a_looser_one_is_refused(trial):
    case = trial()
    case.tighten(TIGHTER)
    assert set(case.gates) <= set(case.denied())
    case.tighten(TIGHTER.replace("66", "5"))
    with pytest.raises(BadInput, match=r"auc_out_of_time=0\.5 is looser .* at least 0\.62"):
        case.judge("parity-onnx")


@proves("GATE-01.6")
def test_required_gates_and_the_age_of_evidence_are_those_of_the_table(floors):
    assert floors.moved("GATE-01") == []


@proves("GATE-01.7")
def test_an_alias_that_somebody_moved_is_detected_and_follows_the_next_promotion(trial):
    case = trial().with_moved_alias()
    assert "somebody moved it" in "".join(case.problems())
    case.desk.promote()
    assert case.problems() == ()


@proves("GATE-01.8")
def test_the_model_has_its_full_evidence(registered):
    gaps = status.gaps(registered)
    assert not gaps, "; ".join(gaps)


@proves("GATE-01.10")
def test_the_promoted_models_decision_holds_and_the_alias_follows_it(registered):
    problems = status.status(registered.settings, registered.project).problems
    assert not problems, "; ".join(problems)


@proves("GATE-01.11")
def test_what_a_room_does_not_say_yes_to_is_denied_by_name(panel):
    case = panel().answer(panel.ANSWERS)
    case.waive({"GATE-02.4": case.desk.digest, "GATE-02.5": panel.OTHER})
    assert case.decides() == ("denied", [
        "GATE-02.2", "GATE-02.3", "GATE-02.5", "GATE-09.1", "SUP-04.1", "TRN-01.1",
    ])  # fmt: skip
    assert case.said.results == {
        "GATE-02.1": "pass", "GATE-02.2": "fail", "GATE-02.3": "not-evaluated",
        "GATE-02.4": "waived", "GATE-02.5": "fail", "GATE-09.1": "fail",
        "SUP-04.1": "fail", "SUP-05.1": "pass", "TRN-01.1": "fail",
    }  # fmt: skip
    assert list(case.said.waivers) == ["GATE-02.4"]


@proves("GATE-01.11")
def test_a_room_that_was_not_asked_denies_by_its_name(panel, monkeypatch):
    names = [f"SUP-{number:02d}.1" for number in range(1, 13)]  # more than the rooms there are
    case, judged = panel().answer(dict.fromkeys(names, panel.YES)), verify.judged
    monkeypatch.setattr(verify, "judged", lambda at, rooms, *more: judged(at, rooms[:1], *more))
    assert case.decides() == ("denied", names[1:])


@proves("GATE-01.11")
def test_a_decision_on_a_no_or_on_what_was_said_of_another_model_does_not_count(trial):
    assert trial().weighs() == (True, "granted")
    for other in ({"denials": ("GATE-02.1: fail: weak",)}, {"model": OTHER}, {"tier": 3}):
        assert trial().weighs(**other) == (False, "denied"), other


@proves("GATE-01.11", "GATE-01.12")
def test_rooms_that_say_yes_of_this_model_let_it_pass_whatever_was_promoted_before(panel):
    assert panel().answer({"GATE-02.1": panel.YES}).decides() == ("granted", [])


@proves("GATE-01.12")
def test_an_edited_file_and_rooms_that_cannot_be_read_or_ask_nothing_deny(panel):
    assert panel().decides() == ("denied", ["controls"])
    case = panel().answer({"GATE-02.1": panel.YES})
    case.lock({"project.yml": "sha256:0"})
    assert case.decides() == ("denied", ["lock"])
    (case.controls / "families.yml").unlink()
    assert case.decides() == ("denied", ["controls"])
