"""The engine fails closed: whatever a gate does, only a full and kept set of measures passes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from redoubt import identity, limits, signing
from redoubt.errors import BadInput, Refused
from redoubt.gates import engine
from redoubt.gates.candidate import Candidate, Champion, Judgement, exact
from redoubt.ledger import Ledger
from redoubt.records import GateResult, Limit, Metric
from redoubt.settings import Settings

MODEL, DATASET = "sha256:" + "a" * 64, "sha256:" + "b" * 64
LEAST = {"score": Limit(value=0.5, direction="min", source="floor")}
GOOD = Judgement({"score": Metric(value=0.7, low=0.6, high=0.8, n=100)})
Gate = Callable[[Candidate, Mapping[str, Limit]], Any]


@dataclass(frozen=True)
class Bench:
    """A project of one gate, ``trial``, whose behaviour a test chooses."""

    settings: Settings
    project: Any
    use: Callable[[Gate], None]

    def judge(self, names: tuple[str, ...] | None = ("trial",)) -> GateResult:
        return engine.judge(self.settings, self.project, MODEL, PERSON, names=names)[0]


PERSON = identity.Identity("mira", "test", frozenset({"developer"}), frozenset(), 0.0)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A ledger with keys, limits of one measure, and a bundle that is never read."""
    settings = Settings(root=tmp_path)
    signing.create_development_keys(settings.keys, settings.anchors)
    module = ModuleType("trial_gate")
    monkeypatch.setitem(sys.modules, "trial_gate", module)
    monkeypatch.setitem(engine.GATES, "trial", "trial_gate")
    found = limits.Limits(
        "gates", 1, 1,
        {"trial": LEAST, "evidence": {"gate_seconds": Limit(value=2, direction="max", source="floor")}},
        {"required": ("trial",)},
    )  # fmt: skip
    monkeypatch.setattr(engine.limits, "load", lambda *_: found)
    run = SimpleNamespace(dataset=DATASET, tier=1)
    bundle = SimpleNamespace(digest=MODEL, run=run, manifest=SimpleNamespace(tier=1))
    monkeypatch.setattr(engine.trial, "find", lambda *_: bundle)
    project = SimpleNamespace(tier=1, jurisdictions=("eu",))
    return Bench(settings, project, lambda gate: setattr(module, "judge", gate))


def test_a_gate_that_keeps_its_limits_passes_and_is_recorded(bench: Bench) -> None:
    bench.use(lambda *_: GOOD)
    result = bench.judge()
    assert (result.outcome, result.reasons) == ("pass", ())
    assert (result.model, result.dataset, result.tier) == (MODEL, DATASET, 1)
    assert result.by.subject == "mira"
    assert list(Ledger(bench.settings).all(GateResult)) == [result]


def test_a_limit_broken_at_the_lower_bound_fails(bench: Bench) -> None:
    bench.use(lambda *_: Judgement({"score": Metric(value=0.7, low=0.49, high=0.9, n=9)}))
    result = bench.judge()
    assert result.outcome == "fail"
    assert result.reasons == ("score: lower bound 0.49 is below 0.5",)


def test_a_refusal_fails_even_when_every_limit_is_kept(bench: Bench) -> None:
    bench.use(lambda *_: Judgement(GOOD.measured, ("the code changed",)))
    assert bench.judge().outcome == "fail"


def hang(*_: object) -> Judgement:
    time.sleep(30)
    return GOOD


def leave(*_: object) -> Judgement:
    sys.exit(0)


NAN = Metric.model_construct(value=float("nan"), low=float("nan"), high=float("nan"), n=9)


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (lambda *_: 1 / 0, "ZeroDivisionError"),
        (leave, "SystemExit"),
        (lambda *_: None, "a NoneType, not a judgement"),
        (lambda *_: True, "a bool, not a judgement"),
        (lambda *_: {"score": 1}, "a dict, not a judgement"),
        (lambda *_: Judgement({}), "did not measure score"),
        (lambda *_: Judgement({"other": exact(1, 1)}), "did not measure score"),
        (lambda *_: Judgement({"score": NAN}), "ValidationError"),
        (lambda *_: Judgement({"score": Metric(value=1, low=2, high=1, n=1)}), "no measure"),
        (lambda *_: Judgement({"score": Metric(value=1, low=1, high=1, n=0)}), "no measure"),
        (lambda *_: Judgement({"score": 0.9}), "Error"),
        (lambda *_: Judgement(None), "Error"),
    ],
)
def test_an_exception_or_nonsense_is_an_error(bench: Bench, gate: Gate, said: str) -> None:
    bench.use(gate)
    result = bench.judge()
    assert result.outcome == "error"
    assert said in result.reasons[0]
    assert engine.denied([result]) == ("trial",)
    assert list(Ledger(bench.settings).all(GateResult)) == [result]


def test_a_gate_that_hangs_is_an_error(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.use(hang)
    monkeypatch.setattr(limits.Limits, "number", lambda *_: 0.05)
    assert "did not answer in 0.05 s" in bench.judge().reasons[0]


def test_a_required_gate_that_does_not_exist_is_an_error(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(engine.GATES, "trial")
    result = bench.judge()
    assert (result.outcome, "none of that name" in result.reasons[0]) == ("error", True)


def test_a_gate_that_cannot_be_imported_is_an_error(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engine.GATES, "trial", "redoubt.gates.absent")
    assert bench.judge().outcome == "error"


def test_a_gate_without_any_limit_is_an_error(bench: Bench) -> None:
    assert engine.fold(lambda: GOOD, {})[0] == "error"


def test_an_unknown_gate_is_named_and_nothing_is_recorded(bench: Bench) -> None:
    with pytest.raises(BadInput, match="'fairness'"):
        bench.judge(("fairness",))
    with pytest.raises(BadInput):
        bench.judge(())
    assert list(Ledger(bench.settings).all(GateResult)) == []


def test_a_person_without_the_role_may_not_judge(bench: Bench) -> None:
    other = identity.Identity("olaf", "test", frozenset({"caller"}), frozenset(), 0.0)
    with pytest.raises(Refused, match="may not judge"):
        engine.judge(bench.settings, bench.project, MODEL, other, names=("trial",))


def test_a_model_of_another_tier_is_refused(bench: Bench) -> None:
    bench.project.tier = 2
    with pytest.raises(Refused, match="trained for tier 1"):
        bench.judge()


def test_only_a_model_without_predecessor_is_spared_the_comparison() -> None:
    applied = {"gain_over_champion_out_of_time": LEAST["score"], "auc": LEAST["score"]}
    first = SimpleNamespace(champion=None)
    second = SimpleNamespace(champion=Champion(None, {}))  # type: ignore[arg-type]
    assert set(engine._applicable(applied, first)) == {"auc"}  # type: ignore[arg-type]
    assert engine._applicable(applied, second) == applied  # type: ignore[arg-type]


def test_a_changed_result_no_longer_verifies(bench: Bench) -> None:
    bench.use(lambda *_: GOOD)
    bench.judge()
    ledger = Ledger(bench.settings)
    line = json.loads(ledger.path.read_text())
    line["envelope"]["payload"] = line["envelope"]["payload"][:-8] + "AAAAAAA="
    ledger.path.write_text(json.dumps(line) + "\n")
    with pytest.raises(Refused):
        Ledger(bench.settings).entries()
