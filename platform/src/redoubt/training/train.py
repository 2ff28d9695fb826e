"""One training run, from checked data to a candidate bundle and a complete, signed record."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from redoubt import bundle, datasets, digests, files, profiles, progress, run_record, runstore
from redoubt import model as seam
from redoubt.errors import Refused
from redoubt.identity import Identity
from redoubt.model import Fitted, Matrix, Model
from redoubt.profiles import Challenger, Profile
from redoubt.project import Project
from redoubt.records import Manifest, Metric, Run, Splits
from redoubt.settings import Settings
from redoubt.training import contents, export, preconditions, split, tracking
from redoubt.training.preconditions import Ready

Values = NDArray[np.float64]
JUDGED = ("out_of_sample", "out_of_time")


@dataclass(frozen=True)
class Candidate:
    """A trained model that nobody has registered yet."""

    digest: str
    folder: Path
    run: Run


@dataclass(frozen=True)
class Rows:
    """All features (n, F), outcomes (n,) and the row numbers of each split."""

    X: Matrix
    y: Values
    of: dict[str, list[int]]

    def split(self, name: str) -> tuple[Matrix, Values]:
        """Return features and outcomes of one split."""
        return self.X[self.of[name]], self.y[self.of[name]]


@dataclass(frozen=True)
class Fits:
    """Champion and challenger, and what each scored on the judging splits."""

    champion: Fitted
    challenger: Challenger
    metrics: dict[str, Metric]
    rival: dict[str, Metric]


@dataclass(frozen=True)
class Job:
    """What one run works on."""

    settings: Settings
    project: Project
    model: Model
    profile: Profile
    ready: Ready
    splits: Splits
    seed: int


def train(
    settings: Settings, project: Project, model: Model, *, by: Identity,
    dataset: str | None = None, seed: int = 7, tell: progress.Tell = progress.silent,
) -> Candidate:  # fmt: skip
    """Fit champion and challenger and return the candidate; the ledger then knows its run.

    Raises Refused (not allowed, data changed, ONNX differs), BadInput (data or recipe unusable) or
    Unavailable (no data, MLflow, disk). An MLflow run that was begun is then marked as failed.
    """
    tell("checking data, code and environment")
    ready = preconditions.check(settings, by, dataset)
    found = split.assign(ready.table, model.schema, ready.lineage.dataset)
    splits = split.lock(settings, ready.ledger, ready.lineage.dataset, found, ready.at)
    job = Job(settings, project, model, profiles.get(project.profile), ready, splits, seed)
    rows = Rows(*datasets.features(model, ready.table), found.rows)
    tell("opening the MLflow run")
    with tracking.recording(settings, _story(job)) as recording:
        tell(f"fitting on {splits.rows['train']:,} rows")
        fits = _fit(job, rows)
        tell("exporting and checking the ONNX graph")
        run = _run(job, fits, recording.run_id)
        candidate = _bundle(job, rows, fits, run)
        tell("recording the run")
        with _recorded_or_gone(candidate):
            recording.finish(
                run.parameters, _flat(fits), _tags(run, candidate.digest), candidate.folder
            )
            ready.ledger.append(run)
    return candidate


# control: TRN-01
@contextmanager
def _recorded_or_gone(candidate: Candidate) -> Iterator[None]:
    """Take the candidate away again when its run cannot be recorded: it would be the newest one."""
    try:
        yield
    except BaseException:
        shutil.rmtree(candidate.folder, ignore_errors=True)
        raise


# control: DAT-02
def _story(job: Job) -> tracking.Story:
    lineage = job.ready.lineage
    return tracking.Story(
        project=job.project.package,
        name=f"{job.project.profile} {job.ready.at:%Y-%m-%d %H:%M}",
        user=job.ready.by.subject,
        dataset={
            "name": lineage.source.name, "digest": lineage.dataset, "lineage": lineage.digest,
            "contract": lineage.contract, "rows": str(lineage.rows),
        },
    )  # fmt: skip


@contextmanager
def _threads() -> Iterator[None]:
    """Let numeric libraries use OMP_NUM_THREADS threads, one by default.

    The environment variable alone comes too late once a library is loaded; on a busy machine
    spinning threads make a fit many times slower, and their sums depend on how many there are.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:  # scikit-learn brings it; another library's recipe may live without
        yield
        return
    wanted = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    with threadpool_limits(int(wanted) if wanted.isdigit() and int(wanted) else 1):
        yield


# control: TRN-01
def _fit(job: Job, rows: Rows) -> Fits:
    """Fit both models on the training split alone and measure them on the locked ones."""
    X, y = rows.split("train")
    fit = job.model.fit()
    with _threads():
        champion = fit(X, y, job.seed)
    challenger = job.profile.challenger(X, y, job.seed)
    metrics: dict[str, Metric] = {}
    rival: dict[str, Metric] = {}
    for name in JUDGED:
        held, outcome = rows.split(name)
        scores, theirs = champion.predict(held), challenger.predict(held)
        if scores.shape != outcome.shape or not np.isfinite(scores).all():
            raise Refused(f"The recipe gives {scores.shape} scores for {len(outcome)} rows, or NaN.",
                          remedy="return one finite score a row from predict")  # fmt: skip
        metrics |= {f"{k}_{name}": m for k, m in job.profile.measure(outcome, scores).items()}
        rival |= {f"{k}_{name}": m for k, m in job.profile.measure(outcome, theirs).items()}
    return Fits(champion, challenger, metrics, rival)


# control: TRN-01
def _run(job: Job, fits: Fits, run_id: str) -> Run:
    """Return the complete record of the run: whatever is missing in it refuses registration."""
    ready = job.ready
    run = Run(
        run_id=run_id, project=job.project.package, profile=job.project.profile,
        tier=job.project.tier, author=ready.by.actor(), code=ready.code,
        dataset=ready.lineage.dataset, lineage=ready.lineage.digest, splits=job.splits.digest,
        environment=ready.environment, seed=job.seed,
        parameters=json.loads(json.dumps(dict(fits.champion.parameters), default=str)),
        metrics=fits.metrics, challenger=fits.rival, tracking=runstore.place(job.settings),
        at=ready.at,
    )  # fmt: skip
    run_record.require_complete(run, job.settings, ready.ledger)
    return run


def _bundle(job: Job, rows: Rows, fits: Fits, run: Run) -> Candidate:
    """Write the candidate in one step; a killed command leaves none or a whole one."""
    found = _files(job, rows, fits, run)
    manifest = Manifest(
        project=run.project, profile=run.profile, tier=run.tier, run=run.digest,
        serving_code=seam.serving_code(job.model), features=job.model.features.names,
        files={name: digests.digest(data) for name, data in found.items()},
    )  # fmt: skip
    # Nothing is written outside the state folder: the rest is read-only where training runs.
    # control: TRN-03
    folder = job.settings.state / "candidates" / bundle.name(manifest.digest)
    with files.new_folder(folder) as work:
        bundle.write(work, manifest, found)
    bundle.load(folder, manifest.digest)
    return Candidate(manifest.digest, folder, run)


def _files(job: Job, rows: Rows, fits: Fits, run: Run) -> dict[str, bytes]:
    model, train = job.model, job.ready.table.iloc[rows.of["train"]]
    X, y = rows.split("train")
    inside = contents.support(X, y, model.features.names)
    described = contents.request_columns(model, train)
    golden = contents.golden(model, train, inside, fits.champion.predict)
    return {
        bundle.MODEL: export.graph(fits.champion, rows.X),
        "run.json": run.canonical(),
        "columns.json": digests.canonical([column.model_dump(mode="json") for column in described]),
        "support.json": inside.canonical(),
        "reasons.json": digests.canonical(dict(model.reasons)),
        "bands.json": job.profile.bands.canonical(),
        "golden.json": golden.canonical(),
    }


def _flat(fits: Fits) -> dict[str, float]:
    flat: dict[str, float] = {}
    for prefix, metrics in (("", fits.metrics), ("challenger_", fits.rival)):
        for name, metric in metrics.items():
            flat |= {f"{prefix}{name}": metric.value, f"{prefix}{name}_low": metric.low,
                     f"{prefix}{name}_high": metric.high}  # fmt: skip
    return flat


# control: DAT-02
def _tags(run: Run, digest: str) -> dict[str, str]:
    return run_record.tags(run) | {"redoubt.bundle": digest}
