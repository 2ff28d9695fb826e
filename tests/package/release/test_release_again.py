"""A command is given twice, or while the registry is down; and what is looked at often answers fast."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from redoubt import processes, records
from redoubt.errors import Unavailable
from redoubt.records import ControlResult, Decision, Metric
from redoubt.release import promote, remembered, status
from redoubt.release.registry import Registry
from redoubt.settings import Settings

HEAVY = ("mlflow", "pandas", "numpy", "sklearn", "onnxruntime", "fastapi", "sqlalchemy")
SAY = f"import atexit; atexit.register(lambda: print('loaded', [m for m in {HEAVY} if m in sys.modules]))"
START = f"import sys; {SAY}; sys.argv[0] = 'redoubt'; from redoubt.cli import main; main()"


def nobody(case):
    """Stand for the rooms where they must not be asked."""
    raise AssertionError("the rooms were asked again")


@pytest.fixture
def down(monkeypatch):
    """Return ``down(office)``: its settings with a tracking server that refuses connections."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    def make(bank):
        url = f"http://127.0.0.1:{processes.free_port()}"
        return Settings(root=bank.settings.root, tracking_uri=url)

    return make


def test_what_is_promoted_on_the_same_evidence_is_not_asked_about_or_decided_again(office):
    bank = office("promoted")
    before = bank.ledger.entries()
    assert bank.promote(rooms=nobody) == before[-1].record
    assert bank.promote(by=bank.person("tom", roles=["deployer"]), rooms=nobody)
    assert bank.ledger.entries() == before


def test_new_evidence_about_the_promoted_model_is_decided_with_the_rooms(office, said):
    bank = office("promoted")
    # judged twice within one second, and found the same, it would be the same evidence
    bank.judge("parity-service", measured={"differences": Metric(value=0, low=0, high=0, n=9)})
    before = len(bank.ledger.entries())
    assert bank.promote(rooms=lambda case: said(case, results={"GATE-02.7": "pass"}))
    made = [type(entry.record) for entry in bank.ledger.entries()[before:]]
    assert made == [ControlResult, Decision]


def test_a_promoted_model_whose_evidence_is_gone_is_denied_when_promoted_again(office):
    bank = office("promoted")
    (bank.folder / "reasons.json").write_text("{ }")
    assert bank.promote().outcome == "denied"


def test_who_approved_the_promoted_model_does_not_confirm_it(office):
    bank = office("promoted")
    both = bank.person("ada", roles=["deployer"])
    assert "deployer: ada approved this model and cannot promote it." in bank.promote(both).reasons


def test_a_denial_is_recorded_without_its_remedy_which_is_told_beside_it(office):
    bank, told = office("approved"), {}
    made = promote.promote(bank.settings, bank.project, bank.digest, bank.mira,
                           lambda case: 1 // 0, explain=told.__setitem__)  # fmt: skip
    assert made.reasons == ("controls: error ZeroDivisionError",
                            "gate:parity-service: Gate parity-service has no result.")  # fmt: skip
    crash, gate = (told[reason] for reason in made.reasons)
    assert "redoubt doctor" in crash
    assert gate == "run `redoubt judge --gate parity-service`"


def test_a_decision_of_before_that_holds_remedies_is_still_read(office):
    bank = office("ready")
    old = "controls: The rooms said nothing of this model. Remedy: promote it again"
    made = bank.promote(rooms=lambda case: None).model_copy(update={"reasons": (old,)})
    bank.ledger.append(made)
    assert bank.ledger.newest(Decision).reasons == (old,)
    assert records.parse(made.canonical()) == made


def test_without_the_registry_nothing_is_decided_and_the_same_command_finishes(office, down):
    bank = office("ready")
    before, dead = bank.ledger.entries(), down(bank)
    with pytest.raises(Unavailable, match=dead.tracking_uri) as error:
        promote.promote(dead, bank.project, bank.digest, bank.mira, nobody)
    assert "REDOUBT_TRACKING_URI" in error.value.remedy
    assert bank.ledger.entries() == before
    assert bank.promote().outcome == "granted"
    assert status.status(bank.settings, bank.project).problems == ()


def test_a_registry_that_dies_after_the_decision_takes_none_back(office, monkeypatch):
    bank = office("ready")

    def dies(*_):
        raise Unavailable("The tracking store does not answer.", remedy="again")

    with monkeypatch.context() as patch:
        patch.setattr(Registry, "set_champion", dies)
        with pytest.raises(Unavailable, match="is recorded and counts") as error:
            bank.promote()
    assert "status --repair" in error.value.remedy
    bank.promote(rooms=nobody)
    assert status.status(bank.settings, bank.project).problems == ()
    assert len(list(bank.ledger.all(Decision))) == 1


def test_a_harmful_model_goes_although_the_registry_is_down(office, down):
    bank = office("promoted")
    second = bank.another()
    second.register()
    second.judge("performance", "parity-onnx")
    second.approve()
    second.judge("parity-service")
    second.promote()
    with pytest.raises(Unavailable, match="is recorded and counts"):
        promote.rollback(down(bank), bank.project, bank.mira, "wrong scores")
    assert bank.ledger.newest(Decision).model == bank.digest
    promote.follow(bank.settings, bank.project)
    assert status.status(bank.settings, bank.project).problems == ()


def test_an_alias_that_was_asked_for_is_remembered_until_the_store_changes(office, monkeypatch):
    bank = office("promoted")
    registry = Registry(bank.settings, bank.project)
    assert registry.champion() == bank.digest
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "mlflow", None)
        assert Registry(bank.settings, bank.project).champion() == bank.digest
    registry.clear_champion()
    assert Registry(bank.settings, bank.project).champion() is None


@pytest.mark.parametrize("text", ["", "[]", '{"of": 1}', '{"of": [null, "bank"], "names": "x"}'])
def test_a_memory_that_is_none_is_not_believed(office, text):
    bank = office("promoted")
    (bank.settings.state / "mlflow" / "champion.json").write_text(text)
    now = remembered.store(bank.settings)
    assert remembered.recall(bank.settings, "bank", now) is None
    assert Registry(bank.settings, bank.project).champion() == bank.digest


def test_of_a_server_nothing_is_remembered(office, down):
    bank = office("promoted")
    Registry(bank.settings, bank.project).champion()
    assert remembered.recall(bank.settings, "bank", remembered.store(down(bank))) is None


@pytest.mark.parametrize("words", [["--help"], ["status"], ["doctor"], ["log", "verify"]])
def test_what_is_looked_at_often_loads_nothing_heavy(office, words):
    bank = office("promoted")
    Registry(bank.settings, bank.project).champion()
    done = subprocess.run(
        [sys.executable, "-c", START, *words], cwd=bank.settings.root, text=True,
        capture_output=True, check=False, env=os.environ | {"REDOUBT_WHEELS": "nowhere"},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "loaded []", done.stderr
