"""The fact ``tables``: opens an intake that takes Parquet files, good ones and ones that lie."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from redoubt.proof import fact

if TYPE_CHECKING:
    from facts.intake import Intake

NUMBER, TEXT, MANY = "annual_income", "housing", 20_000
LIMIT = "numbers: {ingest: {file_megabytes: 1}}\n"
COLUMNS: dict[str, Callable[[int], Any]] = {
    "is string": lambda n: pa.array(["5000"] * n),
    "is bool": lambda n: pa.array([True] * n),
    "is list": lambda n: pa.array([[5000.0]] * n),
    "is struct": lambda n: pa.array([{NUMBER: 5000.0}] * n),
}


def written(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


class Tables:
    """An intake, and its good file as a frame from which others are made."""

    def __init__(self, intake: Intake) -> None:
        self.intake, self.settings, schema = intake, intake.settings, intake.model.schema
        self.outcome, self.set_aside = intake.outcome, intake.set_aside
        intake.list_sources(self.settings.keys / "source.pem")
        (self.settings.root / "conf" / "data.yml").write_text(LIMIT)
        self.frame = pd.read_csv(intake.file, parse_dates=[schema.time], dtype={schema.key: str})
        self.table = pa.Table.from_pandas(self.frame, preserve_index=False)

    def publish(self, data: bytes | pa.Table, name: str) -> Path:
        made = data if isinstance(data, bytes) else written(data)
        return self.intake.publish_bytes(made, name)

    def with_column(self, name: str, values: Any) -> pa.Table:
        return self.table.set_column(self.table.schema.get_field_index(name), name, values)

    def not_text(self) -> pa.Table:
        """Return the table with bytes in a text column that are no text."""
        cells = pa.array([b"\xff\xfe"] * len(self.frame)).buffers()
        return self.with_column(TEXT, pa.StringArray.from_buffers(len(self.frame), *cells[1:]))

    def broken(self) -> Iterator[tuple[str, Path, str]]:
        """Yield words of a defect, a signed file that has it, and its source: CSV first, then Parquet."""
        for words, file in self.intake.broken_files():
            yield words, file, "synthetic"
        whole, size = written(self.table), len(self.frame)
        again = self.table.append_column(NUMBER, self.table[NUMBER])
        for number, (words, data) in enumerate([
            *((words, self.with_column(NUMBER, made(size))) for words, made in COLUMNS.items()),
            ("twice", again), ("unexpectedly", again.rename_columns([*self.frame, "more"])),
            ("not at all", self.table.drop_columns([TEXT])),
            ("not a whole Parquet", whole[:-20]), ("not a whole Parquet", self.not_text()),
            ("not a whole Parquet", self.intake.file.read_bytes()),
            ("unpacks to more than 1 MiB", self.bomb()),
        ]):  # fmt: skip
            yield words, self.publish(data, f"broken-{number}.parquet"), "partner"
        yield "not UTF-8", self.publish(whole, "renamed.csv"), "partner"
        cut = self.publish(self.intake.file.read_bytes()[:-30], "cut.csv")
        yield "not a whole CSV", cut, "partner"

    def bomb(self) -> pa.Table:
        """Return a file of few bytes that holds many rows."""
        made = self.table.take(pa.array(np.zeros(MANY, np.int32)))
        assert len(written(made)) < 1 << 16, "it is large on the disk already"
        return made

    def large(self) -> Path:
        """Return a CSV file that is larger than a file may be."""
        head, *rows = self.intake.file.read_bytes().splitlines(keepends=True)
        return self.publish(head + b"".join(rows) * 40, "large.csv")

    def whole(self) -> Iterator[tuple[Path, str]]:
        """Yield the good rows as a CSV and as a Parquet file, each with its source."""
        yield self.intake.file, "synthetic"
        yield self.publish(self.table, "good.parquet"), "partner"

    def broken_rows(self) -> Iterator[tuple[Path, str, list[tuple[int, str, str]]]]:
        """Yield files in which rows break rules, their source and the reasons to expect."""
        for file, reasons in self.intake.broken_rows():
            yield file, "synthetic", reasons
        reasons = [(3, NUMBER, "out of range"), (5, NUMBER, "not a number")]
        yield self.counted_otherwise(), "partner", reasons

    def counted_otherwise(self) -> Path:
        """Return a file whose own index counts its rows by twos; its third and fifth are bad."""
        frame = self.frame.astype({NUMBER: np.float64})
        frame.loc[2, NUMBER], frame.loc[4, NUMBER] = -1.0, np.inf
        frame.index = pd.RangeIndex(0, 2 * len(frame), 2)
        return self.publish(pa.Table.from_pandas(frame), "counted.parquet")


@fact(reads=["platform/src/redoubt/data/**"])
def tables(intake: Callable[[], Intake]) -> Callable[[], Tables]:
    return lambda: Tables(intake())
