"""Read a CSV or Parquet file into typed columns; a file that is not one is refused whole.

Cells that do not fit their column's type come back as violations of their row. Typed columns are
float64 (number, integer), datetime64 (date) and text (category, text), None where missing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from redoubt.columns import NUMERIC
from redoubt.errors import BadInput
from redoubt.model import Column, Schema

# control: DAT-01
WRONG_TYPE_SHARE = 0.5
SUFFIXES = (".csv", ".parquet")
BATCH_ROWS = 8_192


@dataclass(frozen=True, order=True)
class Violation:
    """One broken rule: the row (from 0), the column and the rule. Never the value itself."""

    row: int
    column: str
    rule: str


@dataclass(frozen=True)
class Table:
    """A file as read: cells as they came (for quarantine), typed columns, violations of type."""

    cells: pd.DataFrame
    typed: pd.DataFrame
    violations: tuple[Violation, ...]


def read(data: bytes, name: str, schema: Schema, *, most: int) -> Table:
    """Parse the bytes of a file called ``name``; it may unpack to ``most`` bytes.

    Raises BadInput naming the column or line when the file is empty, truncated, of another
    encoding or format, has a duplicate, missing or extra column, or a column of another type.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(f"{name} is neither {' nor '.join(SUFFIXES)}.", remedy="export one of them")
    if not data:
        raise BadInput(f"{name} is empty.", remedy="export it again")
    cells = _csv(data, name, schema) if suffix == ".csv" else _parquet(data, name, schema, most)
    if not len(cells):
        raise BadInput(f"{name} has columns but no rows.", remedy="export it again")
    return _typed(cells, name, schema)


# control: DAT-01
def require_columns(found: Sequence[str], name: str, schema: Schema) -> None:
    """Refuse a header that does not hold exactly the contract's columns, in any order."""
    expected = [column.name for column in schema.columns]
    double = sorted({column for column in found if list(found).count(column) > 1})
    missing = [column for column in expected if column not in found]
    extra = [column for column in found if column not in expected]
    for words, columns in (("twice", double), ("not at all", missing), ("unexpectedly", extra)):
        if columns:
            raise BadInput(
                f"{name} has column {', '.join(map(repr, columns))} {words}; "
                f"the contract's columns are {', '.join(expected)}.",
                remedy="export exactly these columns, or change schema.py",
            )


def _csv(data: bytes, name: str, schema: Schema) -> pd.DataFrame:
    text = _decoded(data, name)
    header = next(csv.reader(io.StringIO(text[: 1 << 16])), [])
    require_columns(header, name, schema)
    try:
        table = pa.csv.read_csv(
            io.BytesIO(text.encode()),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        # its message quotes the row, which may be a person's
        place = str(error).partition(", got")[0].partition(": ")[2] or "the lines differ in length"
        raise BadInput(f"{name} is not a whole CSV file ({place}).",
                       remedy="export it again: comma-separated, every row complete") from error  # fmt: skip
    return pd.DataFrame({column: table[column].to_pylist() for column in header}, dtype=object)


def _decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{name} is not UTF-8: byte 0x{data[error.start]:02x} in line {line}.",
                       remedy="export it as UTF-8") from error  # fmt: skip
    if "\x00" in text:
        raise BadInput(f"{name} holds NUL characters.", remedy="export it as UTF-8 CSV")
    return text


# control: DAT-01
def _parquet(data: bytes, name: str, schema: Schema, most: int) -> pd.DataFrame:
    """Return the cells; what the file says of itself (an index, a size, its text) is not believed."""
    texts = [column.name for column in schema.columns if column.kind not in (*NUMERIC, "date")]
    try:
        found = pq.read_schema(io.BytesIO(data))
        require_columns(found.names, name, schema)
        for column in schema.columns:
            if not _fits(kind := found.field(column.name).type, column):
                raise _wrong_type(name, column, str(kind))
        file = pq.ParquetFile(io.BytesIO(data), read_dictionary=texts)
        table = pa.Table.from_batches(list(_batches(file, name, most)), file.schema_arrow)
        frame: pd.DataFrame = _with_days(table).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise BadInput(f"{name} is not a whole Parquet file.",
                       remedy="export or copy it again, text as UTF-8; it may be cut short") from error  # fmt: skip
    return frame


# control: DAT-01
def _batches(file: pq.ParquetFile, name: str, most: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows, checked, until they are larger than allowed: a few bytes can unpack to many."""
    size = 0
    for batch in file.iter_batches(BATCH_ROWS):
        batch.validate(full=True)
        size += batch.nbytes
        if size > most:
            raise BadInput(f"{name} unpacks to more than {most >> 20} MiB.",
                           remedy="publish it in smaller files")  # fmt: skip
        yield batch


def _with_days(table: pa.Table) -> pa.Table:
    """Return the table with dates as times, because Python has no day after the year 9999."""
    for number, field in enumerate(table.schema):
        if pa.types.is_date(field.type):
            table = table.set_column(
                number, field.name, table[number].cast(pa.timestamp("ms")).cast(pa.timestamp("s"))
            )
    return table


def _fits(kind: pa.DataType, column: Column) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if column.kind in NUMERIC:
        return bool(
            pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        )
    if column.kind == "date":
        return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _wrong_type(name: str, column: Column, found: str) -> BadInput:
    return BadInput(
        f"{name}: column {column.name!r} is {found}, the contract says {column.kind}.",
        remedy="export the column with that type, or change schema.py",
    )


def _typed(cells: pd.DataFrame, name: str, schema: Schema) -> Table:
    typed, violations = {}, []
    for column in schema.columns:
        values = cells[column.name].where(
            cells[column.name].notna() & (cells[column.name] != ""), None
        )
        typed[column.name], bad = _convert(values, column)
        filled = int(values.notna().sum())
        if filled and bad.sum() > WRONG_TYPE_SHARE * filled:
            raise _wrong_type(name, column, "of another type in most rows")
        rule = f"not a {column.kind}"
        violations += [Violation(int(row), column.name, rule) for row in np.flatnonzero(bad)]
    return Table(cells, pd.DataFrame(typed), tuple(violations))


def _convert(values: pd.Series, column: Column) -> tuple[pd.Series, np.ndarray]:
    """Return the typed column and which cells did not fit (missing in it then)."""
    if column.kind in NUMERIC:
        numbers = pd.to_numeric(values, errors="coerce").astype(np.float64)
        bad = values.notna().to_numpy() & ~np.isfinite(numbers.to_numpy())
        if column.kind == "integer":
            bad |= np.isfinite(numbers.to_numpy()) & (numbers % 1 != 0).to_numpy()
        return numbers.where(~bad), bad
    if column.kind == "date":
        days = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
        days = days.dt.tz_localize(None).astype("datetime64[s]").dt.normalize()
        return days, (values.notna() & days.isna()).to_numpy()
    text = values.astype(object)
    return text.where(text.notna(), None), np.zeros(len(values), dtype=bool)
