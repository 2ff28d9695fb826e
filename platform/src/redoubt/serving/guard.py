"""The domain guard: is this row like the rows that the model learned from?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redoubt.bundle import RequestColumn, Support
from redoubt.model import Matrix
from redoubt.serving.policy import Action, Policy


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the guard noticed; ``field`` is None when no single input is to blame."""

    kind: str
    field: str | None = None


# control: SRV-03
class Guard:
    """Findings of a row (level, range) and of a matrix (joint support), and the action they bring."""

    def __init__(self, columns: Sequence[RequestColumn], support: Support, policy: Policy) -> None:
        self._levels = [(c.name, frozenset(c.seen_levels)) for c in columns if c.type == "category"]
        self._ranges = [
            (c.name, c.seen_low, c.seen_high)
            for c in columns
            if c.seen_low is not None and c.seen_high is not None
        ]
        self._mean = np.array(support.mean)
        self._whitening = np.array(support.whitening).T.copy()
        self._limit = support.distance**2
        self._policy = policy

    def row(self, inputs: Mapping[str, Any]) -> list[Finding]:
        """Return what is unseen or outside the training range in one row's inputs."""
        found = []
        for name, seen in self._levels:
            if inputs[name] is not None and inputs[name] not in seen:
                found.append(Finding("unseen_level", name))
        for name, low, high in self._ranges:
            value = inputs[name]
            if value is not None and not low <= value <= high:
                found.append(Finding("out_of_range", name))
        return found

    # control: SRV-03
    def outside(self, matrix: Matrix) -> NDArray[np.bool_]:
        """Say for each of n rows whether it is jointly out of support, shape (n,).

        The squared Mahalanobis distance, by whitening; a missing feature counts as its mean.
        """
        centred = np.where(np.isnan(matrix), 0.0, matrix - self._mean)
        white = centred @ self._whitening
        inside: NDArray[np.bool_] = np.einsum("ij,ij->i", white, white) <= self._limit
        return ~inside

    def action(self, findings: Sequence[Finding]) -> Action:
        """Return the strictest action that the tier's policy gives to any finding."""
        return self._policy.action(finding.kind for finding in findings)
