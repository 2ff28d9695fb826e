"""From a candidate to a promoted model, and back to the one before."""

from __future__ import annotations

import pytest

from redoubt import admission, bundle, choice
from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.records import Decision, Registration
from redoubt.release import promote, register, status
from redoubt.release.registry import Registry


def test_the_whole_path_ends_with_an_admitted_model(office):
    bank = office("promoted")
    admitted = admission.admit(bank.settings, bank.project, bank.digest, candidate=False)
    assert admitted.bundle.digest == bank.digest
    assert admitted.decision.outcome == "granted"
    assert admitted.decision.inputs["approval"] == admitted.approval.digest
    assert admitted.expires == admitted.approval.expires


def test_a_candidate_service_needs_approval_and_no_decision(office):
    bank = office("approved")
    admitted = admission.admit(bank.settings, bank.project, bank.digest, candidate=True)
    assert admitted.decision is None
    with pytest.raises(Refused, match="not the promoted one"):
        admission.admit(bank.settings, bank.project, bank.digest, candidate=False)
    bank = office("judged")
    with pytest.raises(Refused, match="not approved"):
        admission.admit(bank.settings, bank.project, bank.digest, candidate=True)


def test_registering_twice_changes_nothing(office):
    bank = office("registered")
    before = bank.ledger.entries()
    assert bank.register() == bank.ledger.newest(Registration)
    assert bank.ledger.entries() == before
    assert Registry(bank.settings, bank.project).versions() == {bank.digest: "1"}


def test_a_registration_killed_before_its_record_is_finished_by_the_same_command(
    office, monkeypatch
):
    bank = office("candidate")
    with monkeypatch.context() as patch:
        patch.setattr(Registry, "add", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            bank.register()
    assert bank.ledger.newest(Registration) is None
    assert bank.register().version == "1"


def test_a_promotion_killed_before_the_alias_moved_is_finished_by_the_same_command(
    office, monkeypatch
):
    bank = office("ready")
    with monkeypatch.context() as patch:
        patch.setattr(promote, "follow", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            bank.promote()
    assert Registry(bank.settings, bank.project).champion() is None
    assert status.status(bank.settings, bank.project).problems
    bank.promote()
    assert len(list(bank.ledger.all(Decision))) == 1
    assert Registry(bank.settings, bank.project).champion() == bank.digest
    assert not status.status(bank.settings, bank.project).problems


@pytest.fixture
def two(office):
    """Return the offices of two models: the second one has replaced the first."""
    bank = office("promoted")
    second = bank.another()
    second.register()
    second.judge("performance", "parity-onnx")
    second.approve()
    second.judge("parity-service")
    assert second.promote().replaces == bank.digest
    return bank, second


def test_rollback_goes_to_the_model_before_and_no_further(two):
    bank, second = two
    back = promote.rollback(bank.settings, bank.project, bank.mira, "wrong scores")
    assert (back.outcome, back.model, back.replaces) == ("granted", bank.digest, second.digest)
    assert Registry(bank.settings, bank.project).champion() == bank.digest
    admission.admit(bank.settings, bank.project, bank.digest, candidate=False)
    with pytest.raises(Refused, match="not the promoted one"):
        admission.admit(bank.settings, bank.project, second.digest, candidate=False)
    with pytest.raises(Refused, match="No model was promoted before"):
        promote.rollback(bank.settings, bank.project, bank.mira, "again")


def test_rollback_weighs_what_the_rooms_said_at_the_promotion_and_asks_none(two, said):
    bank, _ = two
    case = admission.Case(bank.settings, bank.project, bank.digest)
    bank.ledger.append(said(case, denials=("lock: clock.py was edited.",)))
    first = bank.ledger.newest(Decision, bank.digest)
    back = promote.rollback(bank.settings, bank.project, bank.mira, "wrong scores")
    assert (back.outcome, back.inputs["controls"]) == ("granted", first.inputs["controls"])
    admission.admit(bank.settings, bank.project, bank.digest, candidate=False)


def test_rollback_to_a_model_that_was_promoted_without_the_rooms_is_denied(two):
    bank, second = two
    given = bank.ledger.newest(Decision, bank.digest)
    bank.ledger.append(given.model_copy(update={"inputs": {}}))
    bank.ledger.append(bank.ledger.newest(Decision, second.digest))
    back = promote.rollback(bank.settings, bank.project, bank.mira, "wrong scores")
    assert back.reasons[0] == "controls: The rooms were not asked when it was promoted."
    assert admission.promoted(bank.ledger).model == second.digest


def test_an_alias_moved_by_hand_is_told_and_repaired(office):
    bank = office("promoted")
    second = bank.another()
    second.register()
    run_id = admission.Case(bank.settings, bank.project, second.digest).bundle.run.run_id
    Registry(bank.settings, bank.project).set_champion(second.digest, run_id)
    (problem,) = status.status(bank.settings, bank.project).problems
    assert "alias names" in problem
    promote.follow(bank.settings, bank.project)
    assert status.status(bank.settings, bank.project).problems == ()


def test_a_model_is_chosen_by_the_newest_or_a_unique_beginning(office, later):
    bank = office("registered")
    later(seconds=5)
    second = bank.another()
    assert choice.choose(bank.settings, None, "candidates") == second.digest
    assert choice.choose(bank.settings, None, "bundles") == bank.digest
    assert choice.choose(bank.settings, bank.digest[:16], "bundles") == bank.digest
    for wrong in ("", "sha", "ffff0000", "../../x"):
        with pytest.raises(BadInput):
            choice.choose(bank.settings, wrong, "bundles")
    with pytest.raises(Unavailable, match="no model"):
        choice.choose(office("candidate").settings, None, "bundles")


def test_a_run_that_mlflow_tells_otherwise_is_not_registered(office):
    bank = office("candidate")
    second = bank.another(seed=8)
    from mlflow import MlflowClient

    run = bundle.load(register.candidate_folder(bank.settings, second.digest)).run
    client = MlflowClient(bank.settings.tracking, bank.settings.tracking)
    client.set_tag(run.run_id, "redoubt.author", "ada")
    with pytest.raises(Refused, match=r"tag redoubt.author is 'ada'"):
        second.register()
    assert bank.register()
