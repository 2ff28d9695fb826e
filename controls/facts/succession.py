"""The fact ``succession``: a candidate before the performance gate, and who it is to succeed.

The promoted model stands on the candidate's own bundle, so that only what the gate may know of it
differs: the feature code it was trained with, the rows that it was judged on, the value on record.
"""

from dataclasses import replace
from pathlib import Path

from redoubt import choice
from redoubt.gates import candidate, engine, performance
from redoubt.gates.candidate import Candidate, Champion
from redoubt.limits import load
from redoubt.proof import fact
from redoubt.records import Metric
from redoubt.settings import Settings

OTHER = "sha256:" + "0" * 64


class Succession:
    """``outcome(…)`` says how the candidate does against a promoted model that is described to it."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(root=root)
        self.bundle = candidate.find(
            self.settings, choice.choose(self.settings, None, "candidates")
        )
        self.limits = load(root, "gates", 1, ()).of("performance")

    def promoted(self, auc: float | None, other_code: bool, other_rows: bool) -> Champion:
        made = self.bundle
        if other_code:
            code = made.manifest.serving_code | {"features.py": OTHER}
            made = replace(made, manifest=made.manifest.model_copy(update={"serving_code": code}))
        if other_rows:
            made = replace(made, run=made.run.model_copy(update={"splits": OTHER}))
        recorded = {} if auc is None else {
            f"auc_{sample}": Metric(value=auc, low=auc - 0.03, high=auc + 0.004, n=900)
            for sample in performance.SAMPLES
        }  # fmt: skip
        return Champion(made, recorded)

    def outcome(
        self, auc: float | None, *, other_code: bool = True, other_rows: bool = False
    ) -> tuple[str, dict[str, Metric]]:
        """Return the outcome against a promoted model, and what was measured."""
        promoted = self.promoted(auc, other_code, other_rows)
        return self._judged(Candidate(self.settings, self.bundle, promoted))

    def first(self, *, other_code: bool) -> str:
        """Return the outcome of a first model, where its code lies on the disk or other code does."""
        made = self.promoted(None, other_code, False).bundle
        return self._judged(Candidate(self.settings, made))[0]

    def _judged(self, case: Candidate) -> tuple[str, dict[str, Metric]]:
        limits = engine._applicable(self.limits, case)
        outcome, measured, _ = engine.fold(lambda: performance.judge(case, limits), limits)
        return outcome, dict(measured)


@fact(reads=["platform/src/redoubt/gates/**", "platform/src/redoubt/profiles/**"])
def succession(trained, copy_of) -> Succession:
    return Succession(copy_of(trained))
