"""The fact ``verdicts``: ``verdicts(inputs…)`` gives each tier's outcome of rows, from the scoring core."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from redoubt import admission, bundle, model
from redoubt.model import Features
from redoubt.proof import fact
from redoubt.serving import loader, policy
from redoubt.serving.core import Core, Outcome
from redoubt.serving.decide import Together
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
            tier: Core(self.bundle, self.team.features, policy.load(root, tier, ()))
            for tier in (1, 2, 3)
        }
        golden = self.bundle.golden.inputs
        self.rows = [
            dict(zip(golden, values, strict=True)) for values in zip(*golden.values(), strict=True)
        ]
        outcomes = self.cores[1].decide(self.rows)
        self.row = next(
            row for row, one in zip(self.rows, outcomes, strict=True) if one.action == "score"
        )

    def __call__(self) -> Outcomes:
        """Return tier -> (kinds of finding, action, whether a score is shown) of the good row."""
        decided = {tier: core.decide([self.row])[0] for tier, core in self.cores.items()}
        return {
            tier: ({found.kind for found in one.findings}, one.action, one.score is not None)
            for tier, one in decided.items()
        }

    def together(self) -> tuple[list[float | None], list[float | None]]:
        """Return the scores of the golden rows asked for at once, and asked for one by one."""
        core, rows = self.cores[3], self.rows

        async def asked() -> list[Outcome]:
            both = Together(core)
            return await asyncio.gather(*(both.decide(row) for row in rows))

        return [one.score for one in asyncio.run(asked())], [
            core.decide([row])[0].score for row in rows
        ]

    def unlike(self) -> Iterator[tuple[str, Outcomes]]:
        """Yield (kind, outcomes by tier) of the good row under models that never saw such a row."""
        for name, kind, change in self._unseen():
            columns = tuple(
                column.model_copy(update=change if column.name == name else {})
                for column in self.bundle.columns
            )
            yield kind, self._with(columns=columns)()
        apart = self.bundle.support.model_copy(update={"distance": 0.99 * self._distance()})
        yield "out_of_support", self._with(support=apart)()

    def _distance(self) -> float:
        """Return how far the row lies from the middle of the training rows."""
        support, row = self.bundle.support, self.cores[3].matrix([self.row])[0]
        centred = np.where(np.isnan(row), 0.0, row - np.array(support.mean))
        return float(np.linalg.norm(np.array(support.whitening) @ centred))

    def _unseen(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield (column, kind, what training saw of it instead) for every input that the row has."""
        for column in self.bundle.columns:
            value = self.row[column.name]
            if value is not None and column.type == "category":
                yield column.name, "unseen_level", {"seen_levels": ()}
            elif value is not None:
                yield column.name, "out_of_range", {"seen_low": value + 1}
                yield column.name, "out_of_range", {"seen_high": value - 1}

    def failing_at(self, term: int) -> Core:
        """Return the tier 3 core of a team whose features raise for one value of ``term_months``."""

        def compute(columns: Any) -> Any:
            if (columns["term_months"] == term).any():
                raise ZeroDivisionError(term)
            return self.team.features.compute(columns)

        features = Features(self.team.features.names, compute)
        return Core(self.bundle, features, policy.load(Settings().root, 3, ()))

    def _with(self, **changes: Any) -> Verdicts:
        other = object.__new__(Verdicts)
        other.bundle, other.team, other.row = replace(self.bundle, **changes), self.team, self.row
        other.cores = {
            tier: Core(other.bundle, self.team.features, policy.load(Settings().root, tier, ()))
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
