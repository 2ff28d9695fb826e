"""Batch scoring: the service's core, guard, reasons and log over a file, in bounded memory.

The output appears whole or not at all. A run that is killed leaves its decisions in the log after
a ``begun`` record without a ``done`` one, so what nobody received can be told from what was used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain as joined
from pathlib import Path
from secrets import token_hex
from typing import Any

import pyarrow as pa

from redoubt import digests
from redoubt.errors import BadInput
from redoubt.serving import api, tables
from redoubt.serving.core import Core
from redoubt.serving.decision_log import DecisionLog
from redoubt.serving.decision_record import Recorder
from redoubt.serving.tables import Row

BATCHES = "decisions-batch"
KIND = "redoubt/batch/1"
REFERENCE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Summary:
    """How many rows got a decision, by action, and how many did not fit the contract."""

    batch: str
    decided: int
    actions: dict[str, int]
    unfit: int


class Batch:
    """One run over one file for one caller."""

    def __init__(self, core: Core, recorder: Recorder, log: DecisionLog, caller: str) -> None:
        self._core, self._recorder, self._log, self._caller = core, recorder, log, caller
        self._batch = token_hex(8)
        self._actions: dict[str, int] = {}
        self._unfit = 0

    def run(self, source: Path, final: Path, progress: Progress = lambda _: None) -> Summary:
        """Score every row of ``source`` into ``final``; each input row gives one output row.

        Raises BadInput on a file that cannot be read or of which no row fits, LogFailed when a
        decision cannot be kept, Unavailable when the output cannot be written.
        """
        chunks, number = tables.rows(source, self._core.columns), 1
        with tables.results(final) as writer:
            first = next(chunks)
            self._note("begun", {"file": digests.digest_file(source)})
            for rows in joined([first], chunks):
                results = self._chunk(number, rows)
                writer.write_batch(pa.RecordBatch.from_pylist(results, schema=tables.SCHEMA))
                number += len(rows)
                progress(number - 1)
            self._require_some(source)
        decided = sum(self._actions.values())
        self._note("done", {"decided": decided, "unfit": self._unfit})
        return Summary(self._batch, decided, self._actions, self._unfit)

    def _require_some(self, source: Path) -> None:
        if not self._actions:
            raise BadInput(
                f"None of the {self._unfit} rows of {source.name} fits the contract.",
                remedy="compare its columns and units with `src/<package>/schema.py`",
            )

    # control: SRV-08
    def _chunk(self, number: int, rows: list[Row]) -> list[Row]:
        """Decide some rows, log them, and return their results: no result without its record."""
        results: list[Row] = []
        fit: list[tuple[Row, Row]] = []
        for index, row in enumerate(rows, number):
            result, inputs = self._checked(index, row)
            results.append(result)
            if inputs is not None:
                fit.append((result, inputs))
        outcomes = self._core.decide([inputs for _, inputs in fit]) if fit else []
        entries = []
        for (result, inputs), outcome in zip(fit, outcomes, strict=True):
            data = outcome.data()
            result.update(_flat(data), decision_id=f"{self._batch}:{result['row']}")
            self._actions[outcome.action] = self._actions.get(outcome.action, 0) + 1
            entries.append(self._entry(result, inputs, data))
        self._log.append_many(entries)
        return results

    # control: SRV-03
    def _checked(self, index: int, row: Row) -> tuple[Row, Row | None]:
        """Return the row's result so far and its inputs, or None when it does not fit."""
        reference = row.pop(tables.REFERENCE)
        result: Row = {"row": index, "reference": reference}
        try:
            if reference is not None and not REFERENCE.fullmatch(str(reference)):
                result["reference"] = None
                raise api.InvalidRequest((tables.REFERENCE,))
            return result, self._core.check(row)
        except api.InvalidRequest as error:
            self._unfit += 1
            return result | {"error": "does not fit: " + ", ".join(error.fields)}, None

    # control: SRV-08
    def _entry(self, result: Row, inputs: Row, data: Row) -> Row:
        return self._recorder.record(
            request=result["decision_id"], caller=self._caller, inputs=inputs, outcome=data,
            reference=result["reference"],
        )  # fmt: skip

    def _note(self, state: str, more: dict[str, Any]) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._log.append_many([
            {"kind": KIND, "at": at, "batch": self._batch, "state": state, "caller": self._caller,
             "model": self._recorder.model} | more
        ])  # fmt: skip


def _flat(data: Row) -> Row:
    """Return an outcome as one row of text and numbers."""
    return {
        "score": data["score"],
        "band": data["band"],
        "action": data["action"],
        "findings": "; ".join(f"{f['kind']}:{f['field'] or '*'}" for f in data["findings"]),
        "reasons": "; ".join(reason["text"] for reason in data["reasons"]),
    }
