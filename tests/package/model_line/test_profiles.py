"""The PD profile: its truth, its metrics, and the reference model that teams start from."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta
from sklearn.metrics import roc_auc_score

from redoubt import model, processes, profiles
from redoubt.errors import BadInput
from redoubt.inference import Scorer
from redoubt.profiles.pd import metrics, truth
from redoubt.profiles.pd.reference.model import MODEL

REFERENCE = Path(truth.__file__).parent / "reference"
ONES = np.ones(20_000)


@pytest.fixture(scope="module")
def world() -> tuple[truth.Table, truth.Values]:
    return truth.generate(20_000, seed=7)


def features(table: truth.Table) -> model.Matrix:
    return MODEL.features({column.name: table[column.name] for column in MODEL.schema.inputs})


def test_the_true_model_separates_as_a_good_scorecard_does(world) -> None:
    table, probability = world
    assert 0.75 < metrics.auc(table["defaulted"], probability)(ONES) < 0.84
    assert 0.08 < table["defaulted"].mean() < 0.15


def test_twenty_thousand_rows_take_seconds_and_are_the_same_for_a_seed(world) -> None:
    start = time.monotonic()
    again, _ = truth.generate(20_000, seed=7)
    assert time.monotonic() - start < 5
    assert all(
        np.array_equal(again[n], world[0][n], equal_nan=again[n].dtype.kind == "f") for n in again
    )
    other, _ = truth.generate(20_000, seed=8)
    assert not np.array_equal(other["annual_income"], again["annual_income"])


def test_the_truth_keeps_the_reference_contract(world) -> None:
    table, _ = world
    assert set(table) == {column.name for column in MODEL.schema.columns}
    for column in MODEL.schema.columns:
        values = table[column.name]
        if column.low is not None:
            missing = np.isnan(values)
            assert missing.any() == column.missing, column.name
            assert values[~missing].min() >= column.low
            assert values[~missing].max() <= column.high
        if column.levels:
            assert set(np.unique(values)) == set(column.levels)


def test_the_truth_spans_years_and_the_years_differ(world) -> None:
    table, _ = world
    years = table["application_date"].astype("datetime64[Y]")
    rates = [table["defaulted"][years == year].mean() for year in np.unique(years)]
    assert len(rates) == 5
    assert max(rates) - min(rates) > 0.01


def test_income_debt_and_employment_move_together_but_sex_decides_nothing(world) -> None:
    table, probability = world
    complete = truth.draw(20_000, seed=7)
    income = np.log(complete["annual_income"])
    assert np.corrcoef(income, np.log1p(complete["months_employed"]))[0, 1] > 0.2
    assert np.corrcoef(income, complete["debt_to_income"])[0, 1] < -0.1
    swapped = complete | {"sex": complete["sex"][::-1], "age_group": complete["age_group"][::-1]}
    assert np.array_equal(truth.probability(complete), truth.probability(swapped))
    women = table["sex"] == "female"
    assert abs(probability[women].mean() - probability[~women].mean()) < 0.005


def test_auc_is_that_of_scikit_learn_and_counts_ties_half() -> None:
    generator = np.random.default_rng(1)
    y = (generator.random(500) < 0.3).astype(float)
    score = np.round(generator.random(500) + 0.2 * y, 1)
    assert metrics.auc(y, score)(np.ones(500)) == pytest.approx(roc_auc_score(y, score))
    counts = generator.integers(0, 3, 500).astype(float)
    repeated = np.repeat(np.arange(500), counts.astype(int))
    assert metrics.auc(y, score)(counts) == pytest.approx(
        roc_auc_score(y[repeated], score[repeated])
    )


def test_bounds_hold_the_value_and_narrow_with_more_rows(world) -> None:
    table, probability = world
    y = table["defaulted"]
    few = metrics.measure(y[:1000], probability[:1000], draws=200)
    many = metrics.measure(y, probability, draws=200)
    for name in ("auc", "gini", "brier", "calibration_ratio"):
        assert few[name].low < few[name].value < few[name].high
        assert many[name].high - many[name].low < few[name].high - few[name].low
    assert (few["auc"].n, many["auc"].n) == (1000, 20_000)
    assert metrics.measure(y[:1000], probability[:1000], draws=200) == few


def test_bounds_cover_the_truth_about_as_often_as_they_say() -> None:
    generator, hits = np.random.default_rng(3), 0
    for _ in range(100):
        p = generator.uniform(0.05, 0.4, 400)
        y = (generator.random(400) < p).astype(float)
        ratio = metrics.measure(y, p, draws=100)["calibration_ratio"]
        hits += ratio.low <= 1 <= ratio.high
    assert 85 <= hits <= 100


def test_the_paired_difference_of_equal_models_is_nothing_and_of_a_better_one_is_seen(
    world,
) -> None:
    table, probability = world
    y = table["defaulted"]
    same = metrics.auc_difference(y, probability, probability, draws=50)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    worse = probability + np.random.default_rng(2).normal(0, 0.1, len(y))
    gain = metrics.auc_difference(y, probability, worse, draws=100)
    alone = metrics.measure(y, probability, draws=100)["auc"]
    assert 0 < gain.low < gain.value
    assert gain.high - gain.low < alone.high - alone.low


def test_one_outcome_only_is_refused_with_the_measure_named() -> None:
    with pytest.raises(BadInput, match="auc"):
        metrics.measure(np.zeros(50), np.linspace(0, 1, 50))


def test_a_grade_whose_default_rate_is_underestimated_has_a_small_p_value() -> None:
    y = np.r_[np.ones(30), np.zeros(170), np.ones(10), np.zeros(90)]
    score = np.r_[np.full(200, 0.05), np.full(100, 0.10)]
    low, fair = metrics.grades(y, score, (0.06, 0.5, 1.01), ("A", "B", "C"))
    assert (low.name, low.n, low.observed) == ("A", 200, 0.15)
    assert low.p_value == pytest.approx(beta.cdf(0.05, 30.5, 170.5))
    assert low.p_value < 1e-6
    assert fair.name == "B"
    assert 0.2 < fair.p_value < 0.8


def test_the_challenger_ranks_and_handles_missing_values(world) -> None:
    table, _ = world
    X, y = features(table), table["defaulted"]
    rival = profiles.get("pd").challenger(X[:12_000], y[:12_000], 7)
    scores = rival.predict(X[12_000:])
    assert np.isfinite(scores).all()
    assert metrics.auc(y[12_000:], scores)(ONES[:8_000]) > 0.70
    assert abs(scores.mean() - y[12_000:].mean()) < 0.02


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match=r"'lgd'.*pd"):
        profiles.get("lgd")


@pytest.fixture(scope="module")
def fitted(world):
    table, _ = world
    X, y = features(table), table["defaulted"]
    return MODEL.fit()(X[:12_000], y[:12_000], 7), X, y


def test_the_reference_model_comes_near_the_truth_on_later_applications(world, fitted) -> None:
    model_, X, y = fitted
    found = metrics.auc(y[12_000:], model_.predict(X[12_000:]))(ONES[:8_000])
    best = metrics.auc(y[12_000:], world[1][12_000:])(ONES[:8_000])
    assert best - 0.02 < found < best + 0.005


def test_onnx_gives_the_recipes_scores_also_where_any_feature_is_missing(fitted) -> None:
    model_, X, _ = fitted
    rows = X[:2000].copy()
    for feature in range(X.shape[1]):
        rows[feature * 100 : feature * 100 + 100, feature] = np.nan
    rows[-1] = np.nan
    scores = Scorer(model_.to_onnx()).score(rows)
    assert np.abs(scores - model_.predict(rows)).max() < 1e-6


def test_the_risk_moves_only_in_the_direction_that_the_table_says(fitted) -> None:
    model_, X, _ = fitted
    for index, direction in enumerate(MODEL.features.monotone):
        grid = np.nanquantile(X[:, index], np.linspace(0, 1, 30))
        rows = np.repeat(X[:20], len(grid), axis=0)
        rows[:, index] = np.tile(grid, 20)
        steps = np.diff(model_.predict(rows).reshape(20, len(grid)), axis=1)
        assert (steps * direction >= -1e-12).all(), MODEL.features.names[index]


def test_features_of_one_row_are_those_of_the_same_row_in_a_batch(world) -> None:
    table, _ = world
    batch = features(table)
    one = features({name: values[17:18] for name, values in table.items()})
    assert np.array_equal(one[0], batch[17], equal_nan=True)


def test_the_seam_needs_no_training_library_and_works_under_any_name(tmp_path: Path) -> None:
    shutil.copytree(
        REFERENCE, tmp_path / "src" / "card_risk", ignore=shutil.ignore_patterns("__pycache__")
    )
    (tmp_path / "pyproject.toml").write_text('[tool.redoubt]\nmodel = "card_risk.model:MODEL"\n')
    code = (
        "import sys; from pathlib import Path; from redoubt import model; "
        f"found = model.load(Path({str(tmp_path)!r})); assert 'sklearn' not in sys.modules; "
        "assert 'pandas' not in sys.modules; found.fit(); print(found.recipe)"
    )
    environment = processes.child_environment(Path(model.__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "card_risk.recipe:fit"


def test_protected_columns_are_no_inputs() -> None:
    assert {c.name for c in MODEL.schema.columns if c.protected} == {"sex", "age_group"}
    assert not {"sex", "age_group"} & {c.name for c in MODEL.schema.inputs}
    assert dataclasses.replace(MODEL.schema).inputs == MODEL.schema.inputs
