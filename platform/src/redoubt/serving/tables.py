"""Streams rows from a CSV or Parquet file, and results into one, in bounded memory."""

from __future__ import annotations

import csv
import glob
import math
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from redoubt import files
from redoubt.bundle import RequestColumn
from redoubt.errors import BadInput, Unavailable

ROWS, BLOCK = 1_024, 1 << 20
REFERENCE = "reference"
CSV, PARQUET = ".csv", ".parquet"
SCHEMA = pa.schema([
    ("row", pa.int64()), ("reference", pa.string()), ("decision_id", pa.string()),
    ("score", pa.float64()), ("band", pa.string()), ("action", pa.string()),
    ("findings", pa.string()), ("reasons", pa.string()), ("error", pa.string()),
])  # fmt: skip
Row = dict[str, Any]


class Writer(Protocol):
    """What pyarrow's CSV and Parquet writers have in common."""

    def write_batch(self, batch: Any) -> None:
        """Write one record batch."""


def rows(path: Path, columns: Sequence[RequestColumn]) -> Iterator[list[Row]]:
    """Yield lists of at most ``ROWS`` rows, each with every input and ``reference``.

    A cell that does not parse stays text, so that the contract names it. Raises BadInput when the
    file is missing, unreadable, empty, or its columns are not exactly the inputs (and reference).
    """
    kinds = {column.name: column.type for column in columns}
    count = 0
    try:
        for batch in _batches(path, tuple(kinds)):
            for start in range(0, batch.num_rows, ROWS):
                found = batch.slice(start, ROWS).to_pylist()
                count += len(found)
                yield [_row(each, kinds) for each in found]
    except (pa.ArrowException, OSError, ValueError, OverflowError, csv.Error) as error:
        # the error's own words may quote a row, which is a person's
        raise BadInput(
            f"{path.name} cannot be read after row {count} ({type(error).__name__}).",
            remedy="give a whole UTF-8 CSV file with a header, or a Parquet file",
        ) from error
    if not count:
        raise BadInput(f"{path.name} has no rows.", remedy="give a file with rows to score")


def suffix(path: Path) -> str:
    """Return ``.csv`` or ``.parquet``. Raises BadInput on another kind of file."""
    if path.suffix.lower() not in (CSV, PARQUET):
        raise BadInput(f"{path.name} is neither .csv nor .parquet.", remedy="name it so")
    return path.suffix.lower()


def _batches(path: Path, names: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    if not path.is_file():
        raise BadInput(f"{path} is not a file.", remedy="give a CSV or Parquet file")
    if suffix(path) == PARQUET:
        with pq.ParquetFile(path, buffer_size=BLOCK, pre_buffer=False) as source:
            _require_columns(path, source.schema_arrow.names, names)
            yield from source.iter_batches(batch_size=ROWS, use_threads=False)
        return
    with path.open(newline="", encoding="utf-8-sig") as stream:
        header = next(csv.reader(stream), [])
    _require_columns(path, header, names)
    text = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    options = pa_csv.ReadOptions(block_size=BLOCK, use_threads=False)
    parse = pa_csv.ParseOptions(newlines_in_values=True)
    with pa_csv.open_csv(path, options, parse, text) as reader:
        yield from reader


# control: SRV-03
def _require_columns(path: Path, found: Sequence[str], names: tuple[str, ...]) -> None:
    """Refuse a file with a missing, extra or double column: none may be guessed or ignored."""
    problems = {
        "lacks": sorted(set(names) - set(found)),
        "has twice": sorted({name for name in found if list(found).count(name) > 1}),
        "has the unknown": sorted(set(found) - {*names, REFERENCE}),
    }
    for what, which in problems.items():
        if which:
            raise BadInput(
                f"{path.name} {what} column {which[0]!r}.",
                remedy=f"give exactly {', '.join(names)}, and {REFERENCE} if you like",
            )


def _row(found: Mapping[str, Any], kinds: Mapping[str, str]) -> Row:
    row = {name: _value(kind, found[name]) for name, kind in kinds.items()}
    return row | {REFERENCE: found.get(REFERENCE)}


def _value(kind: str, value: Any) -> Any:
    """Return the Python value that the contract expects of this kind, or what was there."""
    if isinstance(value, str):
        return _parsed(kind, value.strip())
    if isinstance(value, float) and math.isnan(value):
        return None
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "date" and isinstance(value, datetime):
        return value.date()
    return value


def _parsed(kind: str, text: str) -> Any:
    try:
        if kind in ("number", "integer") and "_" not in text:
            return int(text) if kind == "integer" else float(text)
        return date.fromisoformat(text) if kind == "date" else text
    except ValueError:
        return text


@contextmanager
def results(final: Path) -> Iterator[Writer]:
    """Give a writer of ``SCHEMA`` batches; the file appears whole when the block ends well.

    What a killed run left unfinished is removed: the log's lock keeps two runs apart.
    Raises BadInput when it exists already, Unavailable when the disk refuses.
    """
    if final.exists():
        raise BadInput(f"{final} exists.", remedy="name another file with --out, or remove it")
    kind = suffix(final)
    try:
        for left in final.parent.glob(f".{glob.escape(final.name)}.*"):
            left.unlink()
        handle, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                with _writer(kind, stream) as writer:
                    yield writer
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(name, final)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        files.sync_folder(final.parent)
    except OSError as error:
        raise Unavailable(
            f"Cannot write {final}: {error.strerror or error}.",
            remedy="free disk space or choose another folder with --out, then score again",
        ) from error


def _writer(kind: str, stream: Any) -> Any:
    if kind == PARQUET:
        return pq.ParquetWriter(stream, SCHEMA)
    return pa_csv.CSVWriter(stream, SCHEMA)
