"""Profiles: what the platform brings for one kind of model, found by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redoubt.bundle import Bands
from redoubt.errors import BadInput
from redoubt.records import Metric

Values = NDArray[np.float64]
Table = dict[str, NDArray[np.generic]]
NAMES = ("pd",)


@dataclass(frozen=True)
class Profile:
    """What a kind of model needs.

    ``bands``: how its scores are shown. ``measure(y, score)``: its metrics with bounds.
    ``compare(y, champion, challenger)``: the paired gain of the champion, positive when better.
    ``challenger(X, y, seed)``: fits the simple rival and returns its predict function.
    ``synthesize(rows, seed)``: a synthetic table and the true expectation of each row's target.
    """

    name: str
    bands: Bands
    measure: Callable[..., dict[str, Metric]]
    compare: Callable[..., Metric]
    challenger: Callable[[NDArray[np.float32], Values, int], Challenger]
    synthesize: Callable[[int, int], tuple[Table, Values]]


@dataclass(frozen=True)
class Challenger:
    """A simple rival: how it scores (n, F) features, and what it was fitted with."""

    predict: Callable[[NDArray[np.float32]], Values]
    parameters: Mapping[str, object]


def get(name: str) -> Profile:
    """Return the profile of that name. Raises BadInput when there is none."""
    if name not in NAMES:
        raise BadInput(f"No profile {name!r}.", remedy=f"use one of {', '.join(NAMES)}")
    found = importlib.import_module(f"redoubt.profiles.{name}").PROFILE
    assert isinstance(found, Profile)
    return found
