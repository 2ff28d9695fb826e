"""The challenger of a PD model: logistic regression, the scorecard that a champion must not lose to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from redoubt.profiles import Challenger

Values = NDArray[np.float64]
RIDGE, ITERATIONS = 1.0, 25


def prepare(X: NDArray[np.float32]) -> tuple[Values, Values, Values]:
    """Return the median, mean and spread (each (F,)) that standardise features."""
    values = X.astype(np.float64)
    median = np.nanmedian(values, axis=0)
    filled = np.where(np.isnan(values), median, values)
    spread = filled.std(axis=0)
    return median, filled.mean(axis=0), np.where(spread > 0, spread, 1.0)


def fit(X: NDArray[np.float32], y: Values, seed: int) -> Challenger:
    """Fit a ridge-penalised logit by Newton's method on standardised features and missing flags.

    ``X`` is (n, F), ``y`` 0 or 1 (n,). It has no random part: ``seed`` is part of the interface.
    """
    median, mean, spread = prepare(X)

    def design(features: NDArray[np.float32]) -> Values:
        values = features.astype(np.float64)
        absent = np.isnan(values)
        scaled = (np.where(absent, median, values) - mean) / spread
        return np.column_stack([np.ones(len(values)), scaled, absent.astype(np.float64)])

    weights = _newton(design(X), y)

    def predict(features: NDArray[np.float32]) -> Values:
        return np.asarray(1 / (1 + np.exp(-(design(features) @ weights))))

    return Challenger(predict, {"family": "logit", "ridge": RIDGE})


def _newton(design: Values, y: Values) -> Values:
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 0.0
    weights = np.zeros(design.shape[1])
    for _ in range(ITERATIONS):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (chance - y) + penalty * weights
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if float(np.abs(step).max()) < 1e-8:
            break
    return weights
