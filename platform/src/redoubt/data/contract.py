"""The data contract: what the schema promises about each row, checked by pandera, named by digest."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd

from redoubt.columns import NUMERIC
from redoubt.data.readers import Violation
from redoubt.model import Column, Schema
from redoubt.records import Record

MISSING, DOUBLE, RANGE, LEVEL, FUTURE = (
    "missing", "duplicate key", "out of range", "unknown level", "in the future",
)  # fmt: skip
WORDS = {"not_nullable": MISSING, "field_uniqueness": DOUBLE}


class Term(Record):
    """What the contract says about one column."""

    name: str
    kind: str
    meaning: str
    low: float | None
    high: float | None
    levels: tuple[str, ...]
    missing: bool
    classification: str
    protected: bool


class Contract(Record):
    """The terms of all columns and the rules that hold them; its digest is the contract's version."""

    kind: Literal["redoubt/contract/1"] = "redoubt/contract/1"
    terms: tuple[Term, ...]
    target: str
    time: str
    key: str
    rules: tuple[str, ...] = (MISSING, DOUBLE, RANGE, LEVEL, FUTURE)


# control: DAT-01
def of(schema: Schema) -> Contract:
    """Return the contract of a schema."""
    return Contract(
        terms=tuple(
            Term(
                name=c.name, kind=c.kind, meaning=c.meaning, low=c.low, high=c.high,
                levels=c.levels, missing=c.missing, classification=c.classification,
                protected=c.protected,
            )
            for c in schema.columns
        ),
        target=schema.target, time=schema.time, key=schema.key,
    )  # fmt: skip


# control: DAT-01
def violations(schema: Schema, typed: pd.DataFrame, today: date) -> tuple[Violation, ...]:
    """Return every broken rule of typed rows, in row order."""
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    columns = {c.name: _column(pa, schema, c, today) for c in schema.columns}
    try:
        pa.DataFrameSchema(columns, strict=True).validate(typed, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases[["index", "column", "check"]].itertuples(index=False)
        return tuple(
            sorted({Violation(int(c.index), c.column, WORDS.get(c.check, c.check)) for c in cases})
        )
    return ()


# control: DAT-01
def _column(pa: Any, schema: Schema, column: Column, today: date) -> Any:
    checks = []
    if column.low is not None:
        checks.append(pa.Check.ge(column.low, name=RANGE, error=RANGE))
    if column.high is not None:
        checks.append(pa.Check.le(column.high, name=RANGE, error=RANGE))
    if column.kind == "category":
        checks.append(pa.Check.isin(column.levels, name=LEVEL, error=LEVEL))
    if column.name == schema.time:
        checks.append(pa.Check.le(pd.Timestamp(today), name=FUTURE, error=FUTURE))
    key = column.name == schema.key
    return pa.Column(
        _dtype(column), checks, nullable=column.missing and not key, unique=key,
        report_duplicates="all",
    )  # fmt: skip


def _dtype(column: Column) -> Any:
    if column.kind in NUMERIC:
        return np.float64
    return "datetime64[s]" if column.kind == "date" else object
