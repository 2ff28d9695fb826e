"""From plain values to the arrays that features take: one way for training, gates and serving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

NUMERIC = frozenset({"number", "integer"})


def array(kind: str, values: Sequence[object]) -> NDArray[np.generic]:
    """Return values as shape (n,): float64 with NaN for None if numeric, else text ("" for None).

    Raises ValueError or TypeError when a value does not fit a numeric kind.
    """
    if kind in NUMERIC:
        return np.array(values, dtype=np.float64)
    return np.array(["" if value is None else str(value) for value in values], dtype=np.str_)


def arrays(
    kinds: Mapping[str, str], values: Mapping[str, Sequence[object]]
) -> dict[str, NDArray[np.generic]]:
    """Return one array for each named column; ``kinds`` maps its name to its kind.

    Raises KeyError when ``values`` lacks a column.
    """
    return {name: array(kind, values[name]) for name, kind in kinds.items()}
