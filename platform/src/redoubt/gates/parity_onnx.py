"""The offline parity gate: does the bundle's graph give the scores that the fitted recipe gave?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from redoubt import columns
from redoubt.gates.candidate import Candidate, Judgement, exact
from redoubt.records import Limit


# control: GATE-09
def judge(candidate: Candidate, limits: Mapping[str, Limit]) -> Judgement:
    """Score the golden set by recomputed features and ONNX; compare with the recipe's own scores.

    Also refuses feature code other than the bundle's and a tolerance wider than the limit.
    """
    golden = candidate.bundle.golden
    expected = np.asarray(golden.scores, dtype=np.float64)
    found = offline_scores(candidate)
    if found.shape != expected.shape:
        raise ValueError(f"{len(expected)} golden scores for {len(found)} golden rows")
    gap, n = np.abs(found - expected), len(expected)
    return Judgement(
        {
            "golden_rows": exact(n, n),
            "golden_spread": exact(float(np.ptp(expected)), n),
            "score_gap": exact(float(gap.max()), n),
            "declared_tolerance": exact(golden.tolerance, n),
        },
        tuple(f"{name} is not the file that the model was trained with"
              for name in candidate.changed_code()),
    )  # fmt: skip


# control: GATE-09
def offline_scores(candidate: Candidate) -> NDArray[np.float64]:
    """Return the (n,) golden scores of the bundle's graph on features computed here and now."""
    kinds = {column.name: column.type for column in candidate.bundle.columns}
    inputs = columns.arrays(kinds, candidate.bundle.golden.inputs)
    return candidate.scorer.score(candidate.model.features(inputs))
