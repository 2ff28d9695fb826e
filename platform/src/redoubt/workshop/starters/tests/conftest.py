"""Inputs of the tests: this project's model, and random rows that fit its schema."""

from __future__ import annotations

import numpy as np
import pytest

from redoubt.model import Column, Columns, Model, load

ROWS = 200


@pytest.fixture(scope="session")
def model(pytestconfig: pytest.Config) -> Model:
    return load(pytestconfig.rootpath)


@pytest.fixture(scope="session")
def rows(model: Model) -> Columns:
    """Give each input column 200 plausible values: numbers as float64, categories as text."""
    random = np.random.default_rng(7)
    return {column.name: values(column, random) for column in model.schema.inputs}


def values(column: Column, random: np.random.Generator) -> np.ndarray:
    if column.kind == "category":
        return random.choice(np.array(column.levels), ROWS)
    low = 0.0 if column.low is None else column.low
    high = low + 1.0 if column.high is None else column.high
    drawn = random.uniform(low, high, ROWS)
    if column.kind == "integer":
        drawn = np.floor(drawn)
    if column.missing:
        drawn[:: ROWS // 10] = np.nan
    return drawn
