"""The performance gate: is the model good enough, with confidence, on rows that it never saw?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from redoubt import profiles
from redoubt.gates.candidate import Candidate, Champion, Judgement
from redoubt.inference import Scorer
from redoubt.model import Matrix
from redoubt.records import Limit, Metric

Values = NDArray[np.float64]
SAMPLES = ("out_of_sample", "out_of_time")


@dataclass(frozen=True)
class Scored:
    """One locked sample: features (n, F), outcomes (n,) and the candidate's scores (n,)."""

    name: str
    X: Matrix
    y: Values
    score: Values


# control: GATE-02
def judge(candidate: Candidate, limits: Mapping[str, Limit]) -> Judgement:
    """Measure the bundle's own ONNX graph on both locked samples, against challenger and champion.

    The challenger is fitted here again on the training split: what a run claims is not evidence.
    Raises Refused when the snapshot, the splits or the feature code are not the bundle's.
    """
    measured = {}
    for name in SAMPLES:
        X, y = candidate.fold(name)
        sample = Scored(name, X, y, candidate.scorer.score(X))
        for measure, metric in _measures(candidate, sample):
            measured[f"{measure}_{name}"] = metric
    return Judgement(measured)


def _measures(candidate: Candidate, sample: Scored) -> Iterator[tuple[str, Metric]]:
    profile = import_module(f"redoubt.profiles.{candidate.bundle.run.profile}.evaluation")
    found = profile.evaluate(sample.y, sample.score, candidate.bundle.bands)
    yield from found.items()
    yield "gain_over_challenger", _gain_over_challenger(candidate, sample)
    if candidate.champion is not None:
        yield (
            "gain_over_champion",
            gain_over_champion(candidate, candidate.champion, sample, found["auc"]),
        )


# control: GATE-02
def _gain_over_challenger(candidate: Candidate, sample: Scored) -> Metric:
    profile = profiles.get(candidate.bundle.run.profile)
    rival = profile.challenger(*candidate.fold("train"), candidate.bundle.run.seed)
    return profile.compare(sample.y, sample.score, rival.predict(sample.X))


# control: GATE-02
# control: GATE-09
def gain_over_champion(
    candidate: Candidate, champion: Champion, sample: Scored, auc: Metric
) -> Metric:
    """Return the AUC that the candidate gains over the promoted model.

    Paired on the same rows when both use the same feature code. Otherwise the promoted model cannot
    be scored on these rows, and the candidate is held against the value on record.
    Raises LookupError when nothing is on record.
    """
    before, now = champion.bundle, candidate.bundle
    if before.manifest.serving_code == now.manifest.serving_code:
        compare = profiles.get(now.run.profile).compare
        return compare(sample.y, sample.score, Scorer(before.model).score(sample.X))
    recorded = champion.recorded.get(f"auc_{sample.name}")
    if recorded is None:
        raise LookupError(f"the promoted model has no auc_{sample.name} on record")
    return _apart(auc, recorded, same_rows=before.run.splits == now.run.splits)


# control: GATE-02
# control: GATE-09
def _apart(auc: Metric, recorded: Metric, *, same_rows: bool) -> Metric:
    """Return the difference of two areas that cannot be paired.

    On the same rows the candidate's own interval is wide enough: both err alike there. On other rows
    both err, each on its own, and the intervals are joined by MOVER (Zou and Donner 2008).
    """
    gain, own = auc.value - recorded.value, 0.0 if same_rows else 1.0
    down, up = auc.value - auc.low, auc.high - auc.value
    return Metric(
        value=gain, n=auc.n,
        low=gain - math.hypot(down, own * (recorded.high - recorded.value)),
        high=gain + math.hypot(up, own * (recorded.value - recorded.low)),
    )  # fmt: skip
