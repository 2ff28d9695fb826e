"""What the performance gate measures on a probability of default, each with its bounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from redoubt.bundle import Bands
from redoubt.profiles.pd import metrics
from redoubt.records import Metric

Values = NDArray[np.float64]
# A grade is blamed for a PD that is too low by more than a tenth: with many rows the bare test
# would refuse differences that no lending decision can feel.
MATERIAL = 1.10


# control: GATE-02
def evaluate(y: Values, score: Values, bands: Bands, *, seed: int = 7) -> dict[str, Metric]:
    """Return discrimination, accuracy and calibration; ``y`` is 0 or 1, both arrays are (n,).

    - auc, gini: rank order. - brier: mean squared error. - brier_skill: share of the constant
      rate's Brier score that the model removes (Murphy 1973). - default_ratio, caution: observed
      over predicted defaults, and its inverse. - grade_p: see :func:`grade_p`.
    - rows, defaults: how much they rest on.
    Raises BadInput when there is one outcome only or a score is no number.
    """
    area, brier = metrics.auc(y, score), metrics.brier(y, score)
    ratio = metrics.calibration_ratio(y, score)
    measured = metrics.bootstrap(
        {
            "auc": area,
            "gini": lambda counts: 2 * area(counts) - 1,
            "brier": brier,
            "brier_skill": lambda counts: 1 - brier(counts) / _constant_brier(y, counts),
            "default_ratio": ratio,
            "caution": lambda counts: 1 / max(ratio(counts), 1e-9),
        },
        len(y),
        seed=seed,
    )
    counted = {"rows": float(len(y)), "defaults": float(y.sum())}
    exact = counted | {"grade_p": grade_p(metrics.grades(y, score, bands.edges, bands.names))}
    return measured | {name: point(value, len(y)) for name, value in exact.items()}


def point(value: float, n: int) -> Metric:
    """Return a measure that has no sampling error of its own: a count, a p-value, a gap."""
    return Metric(value=value, low=value, high=value, n=n)


def _constant_brier(y: Values, counts: Values) -> float:
    rate = float(counts @ y / counts.sum())
    return rate * (1 - rate) if 0 < rate < 1 else float("nan")


# control: GATE-02
def grade_p(grades: Sequence[metrics.Grade]) -> float:
    """Return the smallest p-value over all grades that a grade's PD is materially too low.

    Each grade: Jeffreys test of "true rate <= MATERIAL x PD", the posterior Beta(d + 1/2, n - d +
    1/2) of d defaults in n (ECB, instructions for reporting the validation results of internal
    models, 2019, 2.5.3.1). Over grades: multiplied by their number (Bonferroni 1936; for the
    smallest p-value equal to Holm 1979).
    """
    from scipy.stats import beta

    found = []
    for grade in grades:
        defaults = grade.observed * grade.n
        expected = min(MATERIAL * grade.expected, 1.0)
        found.append(float(beta.cdf(expected, defaults + 0.5, grade.n - defaults + 0.5)))
    return min(1.0, min(found) * len(found))
