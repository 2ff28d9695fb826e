"""Features are a pure function of one row: equal in training and in the service."""

from __future__ import annotations

import numpy as np

from redoubt.model import Columns, Model


def test_features_of_plausible_rows_are_never_infinite(model: Model, rows: Columns) -> None:
    assert not np.isinf(model.features(rows)).any()


def test_the_same_rows_give_the_same_features(model: Model, rows: Columns) -> None:
    before = {name: column.copy() for name, column in rows.items()}
    first, second = model.features(rows), model.features(rows)
    np.testing.assert_array_equal(first, second)
    for name, column in rows.items():
        np.testing.assert_array_equal(column, before[name], f"{name} was changed in place")


def test_a_row_alone_has_the_features_it_has_among_others(model: Model, rows: Columns) -> None:
    alone = model.features({name: column[3:4] for name, column in rows.items()})
    np.testing.assert_array_equal(alone, model.features(rows)[3:4])


def test_every_feature_has_a_direction_and_words(model: Model) -> None:
    features = model.features
    assert len(features.monotone) in (0, len(features.names))
    assert set(features.monotone) <= {-1, 0, 1}
    assert set(features.names) == set(model.reasons)
