"""The fact ``contest``: the trained candidate before the performance gate, as it is or made worse."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from redoubt import choice, datasets
from redoubt.gates import candidate, engine, performance
from redoubt.gates.candidate import Candidate, Champion
from redoubt.inference import Scorer
from redoubt.ledger import Ledger
from redoubt.limits import load
from redoubt.profiles.pd import evaluation, metrics
from redoubt.proof import fact
from redoubt.records import Limit, Metric, Splits
from redoubt.settings import Settings
from redoubt.training import split

Values = Any
Scores = Callable[[Values, Values], Values]  # (features, scores) -> scores
DRAWS, ROWS, WORLDS = 150, 400, 80
GRADED = 100_000  # rows in each grade
NORMAL = 1.95996  # standard deviations on each side that hold 95 % of a normal distribution
# Two normal scores one standard deviation apart have AUC = Phi(1 / sqrt 2) (Hanley 1988).
KNOWN_AUC = 0.76025


class Contest:
    """One candidate; ``outcome()`` judges it, with scores changed by a test or against a champion."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(root=root)
        self.bundle = candidate.find(
            self.settings, choice.choose(self.settings, None, "candidates")
        )
        self.limits = load(root, "gates", 1, ()).of("performance")

    @cached_property
    def healthy(self) -> Candidate:
        return Candidate(self.settings, self.bundle)

    def case(self, change: Scores, champion: bool) -> Candidate:
        """Return the candidate with scores changed."""
        holder = Champion(self.bundle, {}) if champion else None
        made, real = Candidate(self.settings, self.bundle, holder), Scorer(self.bundle.model)
        scorer = SimpleNamespace(score=lambda X: change(X, real.score(X)))
        made.__dict__["scorer"] = scorer
        return made

    def outcome(
        self, change: Scores = lambda X, score: score,
        *, champion: bool = False, **limits: float,
    ) -> tuple[str, dict[str, Metric], set[str]]:  # fmt: skip
        """Return the engine's outcome, the measures and the names of those that are blamed."""
        case = self.case(change, champion)
        applied = {name: replaced(limit, limits.get(name))
                   for name, limit in engine._applicable(self.limits, case).items()}  # fmt: skip
        outcome, measured, reasons = engine.fold(lambda: performance.judge(case, applied), applied)
        return outcome, dict(measured), {reason.partition(":")[0] for reason in reasons}

    def refitted(self, sample: str) -> float:
        """Return the largest gap to the recipe fitted anew, on the training rows alone."""
        fitted = self.healthy.model.fit()(*self.healthy.fold("train"), self.bundle.run.seed)
        X, _ = self.healthy.fold(sample)
        return float(np.abs(fitted.predict(X) - self.healthy.scorer.score(X)).max())

    def learnt_from_shuffled_labels(self) -> Scores:
        """Return the scores of the recipe fitted again on shuffled outcomes."""
        X, y = self.healthy.fold("train")
        shuffled = np.random.default_rng(1).permutation(y)
        fitted = self.healthy.model.fit()(X, shuffled, 7)
        return lambda X, score: fitted.predict(X)

    def only_on(self, sample: str, change: Scores) -> Scores:
        """Return a change that acts on the rows of one sample."""
        size = len(self.healthy.fold(sample)[1])
        return lambda X, score: change(X, score) if len(score) == size else score

    def defined(self, sample: str) -> dict[str, float]:
        """Return measures of the candidate on a sample, by their definitions and not by our code."""
        X, y = self.healthy.fold(sample)
        score = self.healthy.scorer.score(X)
        area, ratio = float(roc_auc_score(y, score)), float(y.sum() / score.sum())
        error = float(((score - y) ** 2).mean())
        return {"auc": area, "gini": 2 * area - 1, "brier": error, "default_ratio": ratio,
                "caution": 1 / ratio, "brier_skill": 1 - error / float(y.var()),
                "rows": len(y), "defaults": y.sum()}  # fmt: skip

    def width(self, sample: str) -> float:
        """Return how wide the bounds of the Brier score are, 1 being 95 % of a normal distribution."""
        X, y = self.healthy.fold(sample)
        loss = (self.healthy.scorer.score(X) - y) ** 2
        found = metrics.bootstrap({"brier": metrics.brier(y, self.healthy.scorer.score(X))}, len(y))
        expected = 2 * NORMAL * loss.std() / np.sqrt(len(y))
        return float((found["brier"].high - found["brier"].low) / expected)

    def grade_p(self, understated: int | None = None) -> float:
        """Return the test over all grades when each is right, but for one that is a quarter too low."""
        edges, names = self.bundle.bands.edges, self.bundle.bands.names
        middles = [sum(pair) / 2 for pair in pairwise((0.0, *edges, 0.6))][: len(names)]
        score, y = np.repeat(middles, GRADED), np.zeros((len(middles), GRADED))
        for number, rate in enumerate(middles):
            defaults = round(rate * GRADED * (1.25 if number == understated else 1.05))
            y[number, :defaults] = 1
        return evaluation.grade_p(metrics.grades(y.ravel(), score, edges, names))

    def assigned(self) -> dict[str, list[int]]:
        """Return the rows of each split as the data decide them, now as before the run."""
        case = self.healthy
        found = split.assign(case._table, case.model.schema, self.bundle.run.dataset)
        return found.rows

    def flip_a_byte(self) -> None:
        """Change the training snapshot in a byte that its reader does not look at."""
        path = datasets.folder(self.settings, self.bundle.run.dataset) / datasets.DATA
        data = path.read_bytes()
        at = data.rindex(b"parquet")
        path.write_bytes(data[:at] + b"q" + data[at + 1 :])

    def days(self, sample: str) -> Any:
        """Return the dates of the rows of a sample."""
        return self.healthy._table.iloc[self.healthy._rows[sample]][self.healthy.model.schema.time]

    def change_splits(
        self, change: Callable[[dict[str, list[int]]], object], *, sign: bool, days: int = 0,
        **lock: Any,
    ) -> None:  # fmt: skip
        """Change the locked rows; with ``sign`` the ledger names the changed file, before the run.

        With ``days`` they were locked so many days after the run; ``lock`` changes that record.
        """
        ledger = Ledger(self.settings)
        *_, locked = ledger.all(Splits)
        rows = datasets.read_assignment(self.settings, locked.assignment)
        change(rows)
        made = datasets.write_assignment(self.settings, rows)
        if not sign:
            target = datasets.splits_path(self.settings, locked.assignment)
            target.write_bytes(datasets.splits_path(self.settings, made).read_bytes())
            return
        moved = locked.locked + timedelta(days=days)
        forged = locked.model_copy(update={"assignment": made, "locked": moved, **lock})
        ledger.append(forged)
        run = self.bundle.run.model_copy(update={"splits": forged.digest})
        self.bundle = replace(self.bundle, run=run)


def replaced(limit: Limit, value: float | None) -> Limit:
    """Return a limit with another value, if one is given."""
    return limit if value is None else limit.model_copy(update={"value": value})


def halved(X: Values, score: Values) -> Values:
    return score * 0.5


def shuffled(X: Values, score: Values) -> Values:
    return np.random.default_rng(1).permutation(score)


def blurred(X: Values, score: Values) -> Values:
    """Return what a model knows that sees the log-odds through noise: calibrated, but ranks worse."""
    seen = np.log(score / (1 - score)) + np.random.default_rng(5).normal(0, 0.9, len(score))
    worse = np.empty(len(score))
    for chunk in np.array_split(np.argsort(seen), 30):
        worse[chunk] = score[chunk].mean()
    return worse


def coverage() -> float:
    """Return how often the bootstrap interval holds the AUC of a world where it is known."""
    hits = 0
    for world in range(WORLDS):
        draw = np.random.default_rng(world)
        y = (draw.random(ROWS) < 0.3).astype(np.float64)
        area = metrics.auc(y, draw.normal(0, 1, ROWS) + y)
        found = metrics.bootstrap({"auc": area}, ROWS, seed=world, draws=DRAWS)["auc"]
        hits += found.low <= KNOWN_AUC <= found.high
    return hits / WORLDS


class Contests:
    """``of()`` opens a contest of its own; the rest is what to do to its scores."""

    halved, shuffled, blurred = staticmethod(halved), staticmethod(shuffled), staticmethod(blurred)
    coverage = staticmethod(coverage)

    def __init__(self, trained: Path, copy_of: Callable[[Path], Path]) -> None:
        self._trained, self._copy_of = trained, copy_of

    def of(self) -> Contest:
        return Contest(self._copy_of(self._trained))


@fact(reads=["platform/src/redoubt/gates/**", "platform/src/redoubt/profiles/**"])
def contest(trained: Path, copy_of: Callable[[Path], Path]) -> Contests:
    return Contests(trained, copy_of)
