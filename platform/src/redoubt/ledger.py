"""The ledger: every lineage, run, registration, gate result, approval and decision, signed and chained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from redoubt import chain, clock, records
from redoubt.errors import Refused
from redoubt.settings import Settings
from redoubt.signing import Purpose

NAME = "ledger"
PURPOSE: dict[type[records.Record], Purpose] = {
    records.Lineage: "bundle",
    records.Splits: "bundle",
    records.Run: "bundle",
    records.Registration: "bundle",
    records.GateResult: "gate",
    records.Approval: "approval",
    records.WaiverApproval: "approval",
    records.Decision: "decision",
}
RecordT = TypeVar("RecordT", bound=records.Record)


@dataclass(frozen=True)
class Entry:
    """One verified ledger line."""

    seq: int
    at: datetime
    record: records.Record


class Ledger:
    """Append-only. Reading verifies the chain, its checkpoint and every signature by purpose."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.path: Path = settings.state / "records" / "ledger.jsonl"
        self.checkpoint: Path = settings.checkpoints / "ledger.json"

    def entries(self) -> tuple[Entry, ...]:
        """Return every entry, oldest first.

        Raises ChainBroken or Refused when a line, a signature or the checkpoint does not hold.
        """
        anchors = self._settings.trust
        chain.verify(self.path, chain.read_checkpoint(self.checkpoint, NAME, anchors))
        return tuple(self._parse(line) for _, _, line in chain.read(self.path))

    def _parse(self, line: dict[str, object]) -> Entry:
        kind = records.KINDS.get(str(line.get("kind")))
        if kind not in PURPOSE:
            raise Refused(f"Ledger line {line.get('seq')} is a {line.get('kind')!r}.",
                          remedy="restore the ledger's last verified copy")  # fmt: skip
        payload = self._settings.trust.verify(line["envelope"], PURPOSE[kind])  # type: ignore[arg-type]
        record = records.parse(payload)
        if type(record) is not kind:
            raise Refused(f"Ledger line {line['seq']} names another kind than it holds.",
                          remedy="restore the ledger's last verified copy")  # fmt: skip
        at = datetime.fromisoformat(str(line["at"]))
        return Entry(int(str(line["seq"])), at, record)

    def append(self, record: records.Record) -> str:
        """Sign a record, append it, move the checkpoint; return the record's digest.

        Raises Refused when the clock lies before the newest entry, Unavailable when the disk or
        the key does not answer.
        """
        existing = self.entries()
        at = clock.after(existing[-1].at if existing else None)
        signer = self._settings.signer(PURPOSE[type(record)])
        line = {
            "kind": record.model_dump()["kind"],
            "at": at.isoformat(),
            "envelope": signer.sign(record.canonical()),
        }
        head = chain.append(self.path, [line])
        chain.write_checkpoint(self.checkpoint, NAME, head, self._settings.signer("checkpoint"))
        return record.digest

    def all(self, kind: type[RecordT], model: str | None = None) -> Iterator[RecordT]:
        """Yield the records of one kind, oldest first, optionally those about one model."""
        for entry in self.entries():
            if isinstance(entry.record, kind) and model in (
                None, getattr(entry.record, "model", None)
            ):  # fmt: skip
                yield entry.record

    def newest(self, kind: type[RecordT], model: str | None = None) -> RecordT | None:
        """Return the newest record of one kind, or None."""
        found = list(self.all(kind, model))
        return found[-1] if found else None

    def latest_time(self) -> datetime | None:
        """Return the time of the newest entry, or None."""
        entries = self.entries()
        return entries[-1].at if entries else None
