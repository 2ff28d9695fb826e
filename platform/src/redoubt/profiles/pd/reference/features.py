"""From columns to features: pure numpy, the same code in training and in serving.

``columns`` maps each input of the schema to an array of n values: float64 for numbers (NaN where a
value is missing), text for categories. Add a feature as one row of TABLE,
and its words towards a customer as one line of reasons.py.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from redoubt.model import Columns, Features, Matrix

Values = NDArray[np.float64]


def number(columns: Columns, name: str) -> Values:
    """Return a numeric column as float64, shape (n,)."""
    return columns[name].astype(np.float64)


# name -> (direction, formula). Direction: 1 if the risk rises with the feature, -1 if it falls,
# 0 if it is free. The recipe holds the model to it, so that reasons make sense to a customer.
TABLE: dict[str, tuple[int, Callable[[Columns], Values]]] = {
    "log_income": (-1, lambda c: np.log(number(c, "annual_income"))),
    "loan_to_income": (1, lambda c: number(c, "requested_amount") / number(c, "annual_income")),
    "term_months": (1, lambda c: number(c, "term_months")),
    "debt_to_income": (1, lambda c: number(c, "debt_to_income")),
    "utilisation": (1, lambda c: number(c, "utilisation")),
    "months_employed": (-1, lambda c: number(c, "months_employed")),
    "months_since_delinquency": (-1, lambda c: number(c, "months_since_delinquency")),
    "enquiries_6m": (1, lambda c: number(c, "enquiries_6m")),
    "is_renting": (1, lambda c: (c["housing"] == "rent").astype(np.float64)),
}


def compute(columns: Columns) -> Matrix:
    """Return the (n, F) float32 matrix of all features, NaN where a value is missing."""
    return np.column_stack([formula(columns) for _, formula in TABLE.values()]).astype(np.float32)


FEATURES = Features(
    names=tuple(TABLE),
    compute=compute,
    monotone=tuple(direction for direction, _ in TABLE.values()),
)
