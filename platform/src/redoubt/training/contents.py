"""What goes into a candidate bundle beside the graph: columns, support, reasons, bands, golden set."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redoubt import columns, datasets, digests
from redoubt.bundle import Golden, RequestColumn, Support
from redoubt.columns import NUMERIC
from redoubt.errors import BadInput
from redoubt.model import Column, Matrix, Model
from redoubt.training.export import TOLERANCE

Values = NDArray[np.float64]
GOLDEN_ROWS, GOLDEN_DRAWS = 200, 4_000
SUPPORT_QUANTILE = 0.999
SHRINKAGE = 1e-6


def request_columns(model: Model, train: pd.DataFrame) -> tuple[RequestColumn, ...]:
    """Return each input with its contract range and the range and levels seen in training."""
    return tuple(_request_column(column, train[column.name]) for column in model.schema.inputs)


def _request_column(column: Column, values: pd.Series) -> RequestColumn:
    numeric = column.kind in NUMERIC and values.notna().any()
    return RequestColumn(
        name=column.name, type=column.kind, meaning=column.meaning, low=column.low,
        high=column.high, levels=column.levels, missing=column.missing,
        seen_low=float(values.min()) if numeric else None,
        seen_high=float(values.max()) if numeric else None,
        seen_levels=tuple(sorted(values.dropna().unique())) if column.kind == "category" else (),
    )  # fmt: skip


# control: SRV-03
def support(X: Matrix, y: Values, names: tuple[str, ...]) -> Support:
    """Return where the training features (n, F) lie: mean, whitening and the 99.9 % distance.

    ``whitening`` is a W with W (cov) W' = 1, so ``|W (x - mean)|`` is the Mahalanobis
    distance; a missing value counts as the mean. ``reference`` is the median of good rows.
    """
    values = X.astype(np.float64)
    empty = [name for name, column in zip(names, values.T, strict=True) if np.isnan(column).all()]
    if empty:
        raise BadInput(f"Feature {empty[0]!r} has no value in any training row.",
                       remedy="remove it from features.py or ingest data that has it")  # fmt: skip
    mean = np.nanmean(values, axis=0)
    centred = np.where(np.isnan(values), 0.0, values - mean)
    whitening = _inverse_root(centred.T @ centred / len(centred))
    distance = float(np.quantile(np.linalg.norm(centred @ whitening.T, axis=1), SUPPORT_QUANTILE))
    return Support(
        mean=tuple(mean.tolist()),
        reference=_reference(values, y, mean),
        whitening=tuple(tuple(row) for row in whitening.tolist()),
        distance=distance,
    )


def _reference(values: Values, y: Values, mean: Values) -> tuple[float, ...]:
    good = values[y == 0]
    filled = np.where(np.isnan(good).all(axis=0), mean, good)  # a feature only bad rows have
    return tuple(np.nanmedian(filled, axis=0).tolist())


def _inverse_root(covariance: Values) -> Values:
    """Return a W with W (covariance) W' = 1; a constant feature gets no weight of its own."""
    scale = np.sqrt(np.diag(covariance))
    scale = np.where(scale > 0, scale, 1.0)
    correlation = covariance / np.outer(scale, scale)
    eigenvalues, vectors = np.linalg.eigh(correlation)
    kept = eigenvalues > SHRINKAGE
    # on correlations, because squared incomes would drown every other feature in rounding
    powers = np.where(kept, 1 / np.sqrt(np.where(kept, eigenvalues, 1.0)), 0.0)
    root: Values = (vectors * powers) @ vectors.T / scale
    return root


# control: GATE-09
def golden(
    model: Model, train: pd.DataFrame, inside: Support, predict: Callable[[Matrix], Values]
) -> Golden:
    """Return invented rows and the recipe's own scores of them.

    Each value comes from another training row, so no row is a customer's; rows outside the
    joint support are left out. Missing values occur as often as in training.
    """
    drawn = _recombined(model, train)
    X = _features(model, drawn)
    rows = np.flatnonzero(_distance(X, inside) <= inside.distance)[:GOLDEN_ROWS]
    kept = {name: tuple(values[row] for row in rows) for name, values in drawn.items()}
    return Golden(inputs=kept, scores=tuple(predict(X[rows]).tolist()), tolerance=TOLERANCE)


def _recombined(model: Model, train: pd.DataFrame) -> dict[str, list[object]]:
    size = min(GOLDEN_DRAWS, len(train))
    drawn = {}
    for column in model.schema.inputs:
        seed = int(digests.digest(column.name.encode())[7:15], 16)
        rows = np.random.default_rng(seed).choice(len(train), size, replace=False)
        values = datasets.plain(train[column.name].iloc[rows])
        drawn[column.name] = (
            [_whole(value) for value in values] if column.kind == "integer" else values
        )
    return drawn


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) else value


def _features(model: Model, drawn: dict[str, list[object]]) -> Matrix:
    kinds = {column.name: column.kind for column in model.schema.inputs}
    return model.features(columns.arrays(kinds, drawn))


def _distance(X: Matrix, inside: Support) -> Values:
    mean, whitening = np.array(inside.mean), np.array(inside.whitening)
    centred = np.where(np.isnan(X), 0.0, X.astype(np.float64) - mean)
    return np.asarray(np.linalg.norm(centred @ whitening.T, axis=1))
