"""The recipe fits any plausible rows, twice the same, and the fitted model can leave as ONNX."""

from __future__ import annotations

import numpy as np
import pytest

from redoubt.model import Columns, Fitted, Matrix, Model


@pytest.fixture(scope="module")
def matrix(model: Model, rows: Columns) -> Matrix:
    return model.features(rows)


def fit(model: Model, matrix: Matrix) -> Fitted:
    outcome = (np.arange(len(matrix)) % 4 == 0).astype(np.float64)
    return model.fit()(matrix, outcome, 7)


def test_scores_are_probabilities_and_repeat_with_the_seed(model: Model, matrix: Matrix) -> None:
    first, second = (fit(model, matrix).predict(matrix) for _ in range(2))
    assert first.shape == (len(matrix),)
    assert ((first >= 0) & (first <= 1)).all()
    np.testing.assert_array_equal(first, second)


def test_the_fitted_model_becomes_onnx(model: Model, matrix: Matrix) -> None:
    fitted = fit(model, matrix)
    assert fitted.to_onnx()
    assert fitted.parameters
