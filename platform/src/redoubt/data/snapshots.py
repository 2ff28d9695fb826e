"""Snapshots: immutable tables named by the digest of their files, and loaded only if it still holds.

``data.parquet`` holds key, time, inputs and target; protected columns lie apart with the key alone
in ``protected.parquet``, so no training code meets them by accident.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from redoubt import datasets, files
from redoubt.ledger import Ledger
from redoubt.model import Schema
from redoubt.records import Digest, Lineage
from redoubt.settings import Settings


def contents(schema: Schema, typed: pd.DataFrame) -> dict[str, bytes]:
    """Return the snapshot's files: the training table, and protected columns apart with the key."""
    apart = [column.name for column in schema.columns if column.protected]
    kept = [column.name for column in schema.columns if not column.protected]
    found = {datasets.DATA: _parquet(typed[kept])}
    if apart:
        found[datasets.PROTECTED] = _parquet(typed[[schema.key, *apart]])
    return found


def _parquet(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), stream, compression="zstd")
    return stream.getvalue()


def write(settings: Settings, found: Mapping[str, bytes], notes: Mapping[str, bytes]) -> Digest:
    """Write a snapshot in one step; an equal one is kept. ``notes`` are copies for people."""
    digest = datasets.name(found)
    with files.new_folder(datasets.folder(settings, digest)) as work:
        for file, data in {**found, **notes}.items():
            (work / file).write_bytes(data)
    return digest


def load(settings: Settings, digest: Digest | None = None) -> tuple[pd.DataFrame, Lineage]:
    """Return the training table (without protected columns) and its lineage.

    Raises Refused when a byte of the snapshot changed since it was recorded.
    """
    record = datasets.lineage(Ledger(settings), digest)
    found = datasets.verified(settings, record.dataset)
    return datasets.frame(found[datasets.DATA]), record


def load_protected(settings: Settings, digest: Digest | None = None) -> pd.DataFrame | None:
    """Return key and protected columns, for fairness tests only; None when there are none."""
    found = datasets.verified(settings, datasets.lineage(Ledger(settings), digest).dataset)
    held = found.get(datasets.PROTECTED)
    return datasets.frame(held) if held else None
