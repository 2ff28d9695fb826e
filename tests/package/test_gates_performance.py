"""The performance gate: bounds that cover the truth, and models that must be denied."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from redoubt import limits
from redoubt.errors import BadInput
from redoubt.gates import engine, performance
from redoubt.gates.candidate import Champion
from redoubt.profiles import pd as profile
from redoubt.profiles.pd import evaluation, metrics, truth
from redoubt.records import Metric

Values = NDArray[np.float64]
TIER_1 = limits.load(Path("/nowhere"), "gates", 1, ()).of("performance")
ROWS = 6_000
FOLDS = {"train": slice(0, 3_600), "out_of_sample": slice(3_600, 4_800),
         "out_of_time": slice(4_800, 6_000)}  # fmt: skip


@dataclass
class Trial:
    """A candidate whose scores a test writes down; the features carry the row numbers."""

    score: Values
    y: Values
    champion: Champion | None = None
    bundle: Any = field(default_factory=lambda: model_of("a"))

    @property
    def scorer(self) -> Any:
        return SimpleNamespace(score=lambda X: self.score[X[:, 0].astype(int)])

    def fold(self, name: str) -> tuple[NDArray[np.float32], Values]:
        rows = np.arange(ROWS)[FOLDS[name]]
        return rows[:, None].astype(np.float32), self.y[rows]

    def outcome(self) -> engine.Finding:
        applied = engine._applicable(TIER_1, self)  # type: ignore[arg-type]
        return engine.fold(lambda: performance.judge(self, applied), applied)  # type: ignore[arg-type]


def model_of(code: str, splits: str = "x") -> Any:
    run = SimpleNamespace(profile="pd", seed=7, splits=splits)
    manifest = SimpleNamespace(serving_code={"features.py": code})
    return SimpleNamespace(run=run, bands=profile.BANDS, manifest=manifest, model=b"")


@pytest.fixture(scope="module")
def world() -> tuple[Values, Values]:
    """Outcomes and the true probabilities behind them."""
    table, true = truth.generate(ROWS, 11)
    return table["defaulted"].astype(np.float64), true


@pytest.fixture(autouse=True)
def rival(monkeypatch: pytest.MonkeyPatch) -> None:
    """A challenger that ranks by a coin, so that a test is about what it names."""
    noise = np.random.default_rng(3).random(ROWS)
    found = SimpleNamespace(
        challenger=lambda X, y, seed: SimpleNamespace(predict=lambda X: noise[X[:, 0].astype(int)]),
        compare=metrics.auc_difference,
    )
    monkeypatch.setattr(performance.profiles, "get", lambda _: found)


def blurred(true: Values, spread: float) -> Values:
    """Return what a model knows that sees the log-odds through noise: calibrated, but ranks worse."""
    seen = np.log(true / (1 - true)) + np.random.default_rng(5).normal(0, spread, len(true))
    order, score = np.argsort(seen), np.empty(len(true))
    for chunk in np.array_split(order, 60):
        score[chunk] = true[chunk].mean()
    return score


def test_the_true_probability_passes(world: tuple[Values, Values]) -> None:
    y, true = world
    outcome, measured, reasons = Trial(true, y).outcome()
    assert (outcome, reasons) == ("pass", ())
    assert set(TIER_1) - set(measured) == {
        "gain_over_champion_out_of_sample", "gain_over_champion_out_of_time",
    }  # fmt: skip
    assert measured["gini_out_of_time"].value == pytest.approx(
        2 * measured["auc_out_of_time"].value - 1
    )


def test_a_model_that_learnt_from_shuffled_labels_is_denied(world: tuple[Values, Values]) -> None:
    y, true = world
    outcome, _, reasons = Trial(np.random.default_rng(1).permutation(true), y).outcome()
    assert outcome == "fail"
    for measure in ("auc", "brier_skill"):
        for sample in performance.SAMPLES:
            assert any(reason.startswith(f"{measure}_{sample}:") for reason in reasons)


def test_probabilities_halved_are_denied_by_calibration_alone(
    world: tuple[Values, Values],
) -> None:
    y, true = world
    outcome, _, reasons = Trial(true * 0.5, y).outcome()
    assert outcome == "fail"
    assert {reason.split("_out")[0] for reason in reasons} == {"default_ratio", "grade_p"}


def test_probabilities_doubled_are_denied_as_too_cautious(world: tuple[Values, Values]) -> None:
    y, true = world
    outcome, _, reasons = Trial(np.minimum(true * 2, 1), y).outcome()
    assert outcome == "fail"
    assert any(reason.startswith("caution_") for reason in reasons)


@pytest.mark.parametrize("sample", performance.SAMPLES)
def test_a_model_that_is_bad_on_one_sample_only_is_denied(
    world: tuple[Values, Values], sample: str
) -> None:
    y, true = world
    score = true.copy()
    score[FOLDS[sample]] = np.random.default_rng(1).permutation(score[FOLDS[sample]])
    outcome, _, reasons = Trial(score, y).outcome()
    assert outcome == "fail"
    assert all(f"_{sample}:" in reason for reason in reasons)


def test_a_model_behind_the_challenger_is_denied(
    world: tuple[Values, Values], monkeypatch: pytest.MonkeyPatch
) -> None:
    y, true = world
    better = SimpleNamespace(
        challenger=lambda X, y, seed: SimpleNamespace(predict=lambda X: true[X[:, 0].astype(int)]),
        compare=metrics.auc_difference,
    )
    monkeypatch.setattr(performance.profiles, "get", lambda _: better)
    outcome, _, reasons = Trial(blurred(true, 0.65), y).outcome()
    assert outcome == "fail"
    assert {reason.split("_out")[0] for reason in reasons} == {"gain_over_challenger"}


def test_the_champion_minus_the_margin_is_denied_and_the_champion_itself_is_not(
    world: tuple[Values, Values], monkeypatch: pytest.MonkeyPatch
) -> None:
    y, true = world
    ranks = SimpleNamespace(score=lambda X: true[X[:, 0].astype(int)])
    monkeypatch.setattr(performance, "Scorer", lambda _: ranks)
    champion = Champion(model_of("a"), {})
    worse = blurred(true, 0.65)
    assert Trial(worse, y).outcome()[0] == "pass"  # good enough, were there no champion
    outcome, _, reasons = Trial(worse, y, champion).outcome()
    assert outcome == "fail"
    assert {reason.split("_out")[0] for reason in reasons} == {"gain_over_champion"}
    assert Trial(true, y, champion).outcome()[0] == "pass"


def test_other_feature_code_is_compared_with_the_recorded_measure(
    world: tuple[Values, Values],
) -> None:
    y, true = world
    recorded = {f"auc_{sample}": Metric(value=0.78, low=0.77, high=0.79, n=9)
                for sample in performance.SAMPLES}  # fmt: skip
    assert Trial(true, y, Champion(model_of("b"), {})).outcome()[0] == "error"
    for splits, error in (("x", 0.0), ("y", 0.01)):  # on other rows the record errs as well
        _, measured, _ = Trial(true, y, Champion(model_of("b", splits), recorded)).outcome()
        found, auc = measured["gain_over_champion_out_of_time"], measured["auc_out_of_time"]
        down = math.hypot(auc.value - auc.low, error)
        up = math.hypot(auc.high - auc.value, error)
        gain = auc.value - 0.78
        assert (found.low, found.high) == pytest.approx((gain - down, gain + up))


def test_one_outcome_or_a_score_that_is_no_number_is_an_error(
    world: tuple[Values, Values],
) -> None:
    y, true = world
    assert Trial(true, np.zeros(ROWS)).outcome()[0] == "error"
    hole = true.copy()
    hole[4_000] = np.nan
    assert Trial(hole, y).outcome()[0] == "error"
    with pytest.raises(BadInput, match="cannot be measured"):
        evaluation.evaluate(np.zeros(50), np.full(50, 0.1), profile.BANDS)


def test_bootstrap_intervals_cover_a_known_auc_about_95_times_in_100() -> None:
    """Binormal truth: scores N(0, 1) and N(d, 1) have AUC = Phi(d / sqrt 2) (Hanley 1988)."""
    known, hits, runs = 0.5 * (1 + math.erf(0.8 / 2)), 0, 200
    for seed in range(runs):
        draw = np.random.default_rng(seed)
        y = (draw.random(600) < 0.3).astype(np.float64)
        score = draw.normal(0, 1, 600) + 0.8 * y
        found = metrics.bootstrap({"auc": metrics.auc(y, score)}, 600, seed=seed, draws=200)["auc"]
        hits += found.low <= known <= found.high
    assert 0.91 <= hits / runs <= 0.985


def test_paired_intervals_of_two_equally_good_scores_cover_zero() -> None:
    hits, runs = 0, 120
    for seed in range(runs):
        draw = np.random.default_rng(seed)
        y = (draw.random(600) < 0.3).astype(np.float64)
        shared = draw.normal(0, 1, 600) + y
        one, two = (shared + draw.normal(0, 0.5, 600) for _ in range(2))
        found = metrics.auc_difference(y, one, two, seed=seed, draws=200)
        hits += found.low <= 0 <= found.high
    assert 0.90 <= hits / runs <= 0.99


def test_the_grade_test_is_the_jeffreys_posterior_of_the_worst_grade() -> None:
    """Beta(3.5, 97.5) at 1.1 x 0.01 by hand: 3 defaults in 100, PD 1 %."""
    from scipy.stats import beta

    grades = [metrics.Grade("A", 100, 0.01, 0.03, 0.0), metrics.Grade("B", 100, 0.2, 0.1, 0.0)]
    assert evaluation.grade_p(grades) == pytest.approx(2 * beta.cdf(0.011, 3.5, 97.5))
    assert evaluation.grade_p(grades[1:]) > 0.9


def test_a_calibrated_model_is_rarely_blamed_and_half_its_probabilities_always() -> None:
    blamed, caught, runs = 0, 0, 60
    for seed in range(runs):
        draw = np.random.default_rng(seed)
        score = draw.beta(1.2, 9, 2_000)
        y = (draw.random(2_000) < score).astype(np.float64)
        for scores, add in ((score, 0), (score * 0.5, 1)):
            found = metrics.grades(y, scores, profile.BANDS.edges, profile.BANDS.names)
            low = evaluation.grade_p(found) < 0.01
            blamed, caught = blamed + (low and not add), caught + (low and bool(add))
    assert blamed <= 3
    assert caught == runs
