"""Locked splits: which rows train and which judge is decided by the data alone, before any run.

The newest rows are out of time; of the older ones a fixed share is out of sample. The draw is seeded
by the dataset's digest, so nobody can try seeds until the sample is kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from redoubt import datasets
from redoubt.errors import BadInput
from redoubt.ledger import Ledger
from redoubt.model import Schema
from redoubt.records import Digest, Splits
from redoubt.settings import Settings

OUT_OF_TIME, OUT_OF_SAMPLE = 0.20, 0.20
LEAST = 50
NAMES = ("train", "out_of_sample", "out_of_time")


@dataclass(frozen=True)
class Assignment:
    """Row numbers of each split, and the first day that is out of time."""

    rows: dict[str, list[int]]
    border: str


def seed_of(dataset: Digest) -> int:
    """Return the seed that a dataset brings with it."""
    return int(dataset.removeprefix("sha256:")[:8], 16)


# control: GATE-02
def assign(table: pd.DataFrame, schema: Schema, dataset: Digest) -> Assignment:
    """Return the splits of a dataset, the same whenever it is asked.

    Whole days go to one side, so the border is a date. Raises BadInput when a split is too small
    or lacks an outcome.
    """
    days = table[schema.time].to_numpy().astype("datetime64[D]")
    ordered = np.sort(days)
    border = ordered[int(len(ordered) * (1 - OUT_OF_TIME))] if len(ordered) else None
    newest = days >= border
    older = np.random.default_rng(seed_of(dataset)).permutation(np.flatnonzero(~newest))
    held = int(len(older) * OUT_OF_SAMPLE)
    found = {
        "train": sorted(older[held:].tolist()),
        "out_of_sample": sorted(older[:held].tolist()),
        "out_of_time": np.flatnonzero(newest).tolist(),
    }
    _require_useful(found, table[schema.target].to_numpy(), schema)
    return Assignment(found, str(border))


def _require_useful(found: dict[str, list[int]], target: np.ndarray, schema: Schema) -> None:
    for name, rows in found.items():
        if len(rows) < LEAST or len(np.unique(target[rows])) < 2:
            raise BadInput(
                f"Split {name} has {len(rows)} rows and {len(np.unique(target[rows]))} "
                f"value(s) of {schema.target!r}.",
                remedy=f"ingest more data: at least {LEAST} rows and both outcomes in each split, "
                f"over several days of {schema.time!r}",
            )


# control: TRN-01
def lock(
    settings: Settings, ledger: Ledger, dataset: Digest, found: Assignment, at: datetime
) -> Splits:
    """Write the assignment and sign it onto the ledger; the splits of a dataset are locked once."""
    assignment = datasets.write_assignment(settings, found.rows)
    for known in ledger.all(Splits):
        if (known.dataset, known.assignment) == (dataset, assignment):
            return known
    splits = Splits(
        dataset=dataset,
        seed=seed_of(dataset),
        rows={name: len(rows) for name, rows in found.rows.items()},
        assignment=assignment,
        out_of_time_from=found.border,
        locked=at,
    )
    ledger.append(splits)
    return splits
