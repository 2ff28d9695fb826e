"""Adverse-action reasons of one case, by asking the served model itself.

For each feature: by how much does the score fall if this feature alone had its reference value,
the median among training rows with a good outcome? This is the comparison against applicants who
were approved that the official commentary to Regulation B, 12 CFR 1002.9(b)(2), paragraph 5, names
as one method; at most four reasons are given (paragraph 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redoubt.model import Matrix

MOST = 4
LEAST = 1e-6  # below float32 resolution a difference says nothing


@dataclass(frozen=True, slots=True)
class Reason:
    """A feature and what it is called towards the customer."""

    feature: str
    text: str


class Reasons:
    """Builds the questions (1 + F rows a case) and reads the reasons off the answers."""

    def __init__(
        self, features: Sequence[str], reference: Sequence[float], words: Mapping[str, str]
    ) -> None:
        self._words = [Reason(name, words[name]) for name in features]
        self._reference = np.array(reference, dtype=np.float32)
        self._diagonal = np.arange(len(features))

    def questions(self, matrix: Matrix) -> Matrix:
        """Return (n * (1 + F), F): each row, then the row with each feature at its reference."""
        n, width = matrix.shape
        asked = np.repeat(matrix, width + 1, axis=0).reshape(n, width + 1, width)
        asked[:, self._diagonal + 1, self._diagonal] = self._reference
        return asked.reshape(-1, width)

    def contributions(self, answers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n, F): score minus the score with that feature at its reference value."""
        table = answers.reshape(-1, len(self._words) + 1)
        return table[:, :1] - table[:, 1:]

    def of(self, contributions: Sequence[float]) -> list[Reason]:
        """Return the reasons of one case: largest first, only what raised the score, no repeats."""
        order = sorted(range(len(self._words)), key=contributions.__getitem__, reverse=True)
        found: dict[str, Reason] = {}
        for index in order:
            if contributions[index] <= LEAST or len(found) == MOST:
                break
            found.setdefault(self._words[index].text, self._words[index])
        return list(found.values())
