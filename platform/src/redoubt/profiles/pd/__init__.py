"""The probability-of-default profile: metrics, bands, challenger, synthetic truth, reference model."""

from __future__ import annotations

from redoubt.bundle import Bands
from redoubt.profiles import Profile
from redoubt.profiles.pd import challenger, metrics, truth

# Seven grades, each about twice as risky as the one before; a score is shown to three digits.
BANDS = Bands(
    digits=3,
    edges=(0.02, 0.04, 0.08, 0.15, 0.25, 0.40, 1.01),
    names=("A", "B", "C", "D", "E", "F", "G"),
)
PROFILE = Profile(
    name="pd",
    bands=BANDS,
    measure=metrics.measure,
    compare=metrics.auc_difference,
    challenger=challenger.fit,
    synthesize=truth.generate,
)
