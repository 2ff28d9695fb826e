"""Reading snapshots and locked splits by digest: what training and the gates share of the data."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from redoubt import columns, digests, files
from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.ledger import Ledger
from redoubt.model import Matrix, Model
from redoubt.records import Digest, Lineage
from redoubt.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]
DATA, PROTECTED = "data.parquet", "protected.parquet"


def folder(settings: Settings, dataset: Digest) -> Path:
    """Return the folder of a snapshot."""
    return settings.state / "data" / "snapshots" / dataset.removeprefix("sha256:")


# control: DAT-02
def name(found: Mapping[str, bytes]) -> Digest:
    """Return the dataset digest: one name for the data files and nothing else."""
    return digests.digest_files({file: digests.digest(data) for file, data in found.items()})


# control: DAT-01
# control: DAT-02
# control: GATE-02
def verified(settings: Settings, dataset: Digest) -> dict[str, bytes]:
    """Read a snapshot's data files once and return the bytes that were checked.

    Raises Unavailable when it is missing, Refused when a byte changed since it was recorded.
    """
    place = folder(settings, dataset)
    try:
        found = {
            file: (place / file).read_bytes()
            for file in (DATA, PROTECTED)
            if file == DATA or (place / file).exists()
        }
    except OSError as error:
        raise Unavailable(f"Snapshot {digests.short(dataset)} cannot be read: {error.strerror}.",
                          remedy="restore its folder, or ingest the file again") from error  # fmt: skip
    if name(found) != dataset:
        raise Refused(
            f"Snapshot {digests.short(dataset)} was changed after it was recorded.",
            remedy="keep it as evidence, remove its folder and ingest the file again",
        )
    return found


def lineage(ledger: Ledger, dataset: str | None = None) -> Lineage:
    """Return the signed lineage of a snapshot: the newest, or the one a unique prefix names.

    Raises Unavailable when nothing was ingested, BadInput when no snapshot has that digest.
    """
    known = list(ledger.all(Lineage))
    if not known:
        raise Unavailable("No data was ingested yet.",
                          remedy="run `redoubt data ingest FILE --source NAME`")  # fmt: skip
    if dataset is None:
        return known[-1]
    wanted = dataset.removeprefix("sha256:")
    fits = [one for one in known if one.dataset.removeprefix("sha256:").startswith(wanted)]
    if len({one.dataset for one in fits}) != 1:
        raise BadInput(f"{dataset!r} names {'several snapshots' if fits else 'no snapshot'}.",
                       remedy="see `redoubt data list`")  # fmt: skip
    return fits[-1]


def frame(data: bytes) -> pd.DataFrame:
    """Return the table in the bytes of a Parquet file."""
    import pyarrow.parquet as pq

    table: pd.DataFrame = pq.read_table(io.BytesIO(data)).to_pandas()
    return table


def features(model: Model, table: pd.DataFrame) -> tuple[Matrix, Values]:
    """Return features (n, F) and target (n,) of rows, by the code that serving runs."""
    kinds = {column.name: column.kind for column in model.schema.inputs}
    values = {column: plain(table[column]) for column in kinds}
    target = table[model.schema.target].to_numpy(np.float64)
    return model.features(columns.arrays(kinds, values)), target


def plain(values: pd.Series[Any]) -> list[object]:
    """Return plain values with None where one is missing, whatever pandas uses for that."""
    return list(values.astype(object).where(values.notna(), None))


def splits_path(settings: Settings, assignment: Digest) -> Path:
    """Return where the row assignment of locked splits lies."""
    return settings.state / "data" / "splits" / f"{assignment.removeprefix('sha256:')}.json"


def write_assignment(settings: Settings, rows: Mapping[str, Sequence[int]]) -> Digest:
    """Write split name -> row numbers of the snapshot; return the digest that names the file."""
    data = digests.canonical(
        {split: [int(row) for row in numbers] for split, numbers in rows.items()}
    )
    assignment = digests.digest(data)
    files.write_bytes(splits_path(settings, assignment), data)
    return assignment


# control: GATE-02
def read_assignment(settings: Settings, assignment: Digest) -> dict[str, list[int]]:
    """Return split name -> row numbers. Raises Unavailable when missing, Refused when changed."""
    path = splits_path(settings, assignment)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unavailable(f"The splits {path.name[:12]} cannot be read: {error.strerror}.",
                          remedy="restore the file, or train again") from error  # fmt: skip
    if digests.digest(data) != assignment:
        raise Refused(f"The splits {path.name[:12]} were changed after they were locked.",
                      remedy="restore the file, or train again")  # fmt: skip
    return dict(json.loads(data))
