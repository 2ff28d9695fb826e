"""The fact ``verdicts``: ``verdicts(inputs…)`` gives each tier's outcome of rows, from the scoring core."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from redoubt import admission, bundle, model
from redoubt.model import Features
from redoubt.proof import fact
from redoubt.serving import loader, policy
from redoubt.serving.core import Core
from redoubt.settings import Settings

Outcomes = dict[int, tuple[set[str], str, bool]]


class Verdicts:
    """The released bundle behind the core of each tier, and one golden row that brings no finding."""

    def __init__(self, root: Path) -> None:
        settings = Settings(root=root)
        digest = loader.wanted(settings, None)
        self.bundle = bundle.load(admission.folder(settings, digest), digest)
        self.team = model.load(root)
        self.cores = {
            tier: Core(self.bundle, self.team.features, policy.load(root, tier))
            for tier in (1, 2, 3)
        }
        golden = self.bundle.golden.inputs
        rows = [
            dict(zip(golden, values, strict=True)) for values in zip(*golden.values(), strict=True)
        ]
        outcomes = self.cores[1].decide(rows)
        self.row = next(
            row for row, one in zip(rows, outcomes, strict=True) if one.action == "score"
        )

    def __call__(self) -> Outcomes:
        """Return tier -> (kinds of finding, action, whether a score is shown) of the good row."""
        decided = {tier: core.decide([self.row])[0] for tier, core in self.cores.items()}
        return {
            tier: ({found.kind for found in one.findings}, one.action, one.score is not None)
            for tier, one in decided.items()
        }

    def unlike(self) -> Iterator[tuple[str, Outcomes]]:
        """Yield (kind, outcomes by tier) of the good row under models that never saw such a row."""
        income = self.row["annual_income"]
        for kind, name, change in (
            ("unseen_level", "housing", {"seen_levels": ()}),
            ("out_of_range", "annual_income", {"seen_low": income + 1}),
            ("out_of_range", "annual_income", {"seen_high": income - 1}),
        ):
            columns = tuple(
                column.model_copy(update=change if column.name == name else {})
                for column in self.bundle.columns
            )
            yield kind, self._with(columns=columns)()
        apart = self.bundle.support.model_copy(update={"distance": 1e-9})
        yield "out_of_support", self._with(support=apart)()

    def failing_at(self, term: int) -> Core:
        """Return the tier 3 core of a team whose features raise for one value of ``term_months``."""

        def compute(columns: Any) -> Any:
            if (columns["term_months"] == term).any():
                raise ZeroDivisionError(term)
            return self.team.features.compute(columns)

        features = Features(self.team.features.names, compute)
        return Core(self.bundle, features, policy.load(Settings().root, 3))

    def _with(self, **changes: Any) -> Verdicts:
        other = object.__new__(Verdicts)
        other.bundle, other.team, other.row = replace(self.bundle, **changes), self.team, self.row
        other.cores = {
            tier: Core(other.bundle, self.team.features, policy.load(Settings().root, tier))
            for tier in (1, 2, 3)
        }
        return other


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/policy/**",
        "platform/src/redoubt/serving/**",
        "platform/src/redoubt/profiles/pd/reference/**",
    ]
)
def verdicts(released: Path) -> Verdicts:
    return Verdicts(released)
