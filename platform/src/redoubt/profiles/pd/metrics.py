"""How good a probability of default is: discrimination, accuracy and calibration, with bounds.

Bounds are percentile bootstrap intervals (Efron & Tibshirani 1993, ch. 13). A draw is a vector of
row counts, so nothing is sorted or scored again: 500 draws of 5,000 rows take about 0.2 s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redoubt.errors import BadInput
from redoubt.records import Metric

Values = NDArray[np.float64]
Statistic = Callable[[Values], float]
DRAWS, LEVEL = 500, 0.95


def bootstrap(
    statistics: Mapping[str, Statistic], n: int, *, seed: int = 7, draws: int = DRAWS
) -> dict[str, Metric]:
    """Return each statistic with two-sided 95 % bounds; a statistic is a function of row counts (n,).

    All statistics see the same draws, so a difference of two is a paired comparison.
    Raises BadInput when a statistic is not finite on the rows as they are.
    """
    values = {name: statistic(np.ones(n)) for name, statistic in statistics.items()}
    bad = [name for name, value in values.items() if not np.isfinite(value)]
    if bad:
        raise BadInput(
            f"{', '.join(bad)} cannot be measured on {n} rows.",
            remedy="give data in which both outcomes occur and every score is a number",
        )
    generator = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in statistics}
    for _ in range(draws):
        counts = np.bincount(generator.integers(0, n, n), minlength=n).astype(np.float64)
        for name, statistic in statistics.items():
            drawn[name].append(statistic(counts))
    return {name: _metric(value, drawn[name], n) for name, value in values.items()}


# control: GATE-02
def _metric(value: float, drawn: list[float], n: int) -> Metric:
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return Metric(value=float(value), low=float(low), high=float(high), n=n)


def auc(y: Values, score: Values) -> Statistic:
    """Return the weighted area under the ROC curve: P(score of a bad > score of a good), ties half.

    ``y`` holds 0 and 1, shape (n,). The statistic is NaN when a draw has one outcome only.
    """
    order = np.argsort(score, kind="stable")
    ranked, bad = score[order], y[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])

    def statistic(counts: Values) -> float:
        weights = counts[order]
        bads = np.add.reduceat(weights * bad, starts)
        goods = np.add.reduceat(weights * (1 - bad), starts)
        pairs = bads.sum() * goods.sum()
        wins = float((bads * (goods.cumsum() - goods / 2)).sum())
        return wins / float(pairs) if pairs else float("nan")

    return statistic


def brier(y: Values, score: Values) -> Statistic:
    """Return the mean squared difference of score and outcome (Brier 1950)."""
    loss = (score - y) ** 2
    return lambda counts: float(counts @ loss / counts.sum())


def calibration_ratio(y: Values, score: Values) -> Statistic:
    """Return observed over expected defaults: 1 is calibrated, above 1 underestimates the risk."""
    return lambda counts: float(counts @ y / (counts @ score))


def measure(y: Values, score: Values, *, seed: int = 7, draws: int = DRAWS) -> dict[str, Metric]:
    """Return auc, gini (2 auc - 1), brier and calibration_ratio with bounds, from one set of draws.

    ``y`` holds 0 and 1, ``score`` probabilities, both shape (n,).
    """
    area = auc(y, score)
    statistics: dict[str, Statistic] = {
        "auc": area,
        "gini": lambda counts: 2 * area(counts) - 1,
        "brier": brier(y, score),
        "calibration_ratio": calibration_ratio(y, score),
    }
    return bootstrap(statistics, len(y), seed=seed, draws=draws)


def auc_difference(
    y: Values, champion: Values, challenger: Values, *, seed: int = 7, draws: int = DRAWS
) -> Metric:
    """Return AUC(champion) - AUC(challenger) with paired bootstrap bounds on the same rows."""
    first, second = auc(y, champion), auc(y, challenger)
    statistics: dict[str, Statistic] = {
        "auc_difference": lambda counts: first(counts) - second(counts)
    }
    return bootstrap(statistics, len(y), seed=seed, draws=draws)["auc_difference"]


@dataclass(frozen=True)
class Grade:
    """One rating grade: expected and observed default rate, and the Jeffreys test's p-value."""

    name: str
    n: int
    expected: float
    observed: float
    p_value: float


def grades(
    y: Values, score: Values, edges: tuple[float, ...], names: tuple[str, ...]
) -> tuple[Grade, ...]:
    """Return calibration by grade; grade i holds the scores below ``edges[i]``, empty ones are left out.

    p_value is the Jeffreys test's (ECB validation reporting, 2019, 2.5.3.1): the probability, given
    the defaults seen, that the true rate is at most the expected one. Small means underestimated.
    """
    from scipy.stats import beta

    placed = np.searchsorted(np.asarray(edges), score, side="right")
    found = []
    for index in np.unique(np.minimum(placed, len(names) - 1)):
        inside = np.minimum(placed, len(names) - 1) == index
        n, defaults = int(inside.sum()), float(y[inside].sum())
        expected = float(score[inside].mean())
        p_value = float(beta.cdf(expected, defaults + 0.5, n - defaults + 0.5))
        found.append(Grade(names[index], n, expected, defaults / n, p_value))
    return tuple(found)
