"""The ledger: lineages, runs, registrations, results, approvals and decisions, signed and chained."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from redoubt import chain, clock, digests, records
from redoubt.errors import Refused, Unavailable
from redoubt.settings import Settings
from redoubt.signing import Purpose

NAME = "ledger"
PURPOSE: dict[type[records.Record], Purpose] = {
    records.Lineage: "bundle",
    records.Splits: "bundle",
    records.Run: "bundle",
    records.Registration: "bundle",
    records.GateResult: "gate",
    records.ControlResult: "decision",
    records.Approval: "approval",
    records.WaiverApproval: "approval",
    records.Decision: "decision",
}
RecordT = TypeVar("RecordT", bound=records.Record)


@dataclass(frozen=True)
class Entry:
    """One verified ledger line; ``at`` is signed with the record."""

    seq: int
    at: datetime
    record: records.Record


class Ledger:
    """Append-only. Reading verifies the chain, its checkpoint and every signature by purpose.

    A signature covers the record *and* its place (sequence number, link, time), so an old signed
    decision that is copied to the end does not verify.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: tuple[str, tuple[Entry, ...]] = ("", ())
        self.path: Path = settings.state / "records" / "ledger.jsonl"
        self.checkpoint: Path = settings.checkpoints / "ledger.json"

    def entries(self) -> tuple[Entry, ...]:
        """Return every entry, oldest first.

        Raises ChainBroken or Refused when a line, a signature or the checkpoint does not hold.
        """
        self._settle()
        state = digests.digest_of([_read(self.path), _read(self.checkpoint)])
        if state != self._known[0]:
            self._known = (state, self._verified())
        return self._known[1]

    def _verified(self) -> tuple[Entry, ...]:
        checkpoint = chain.read_checkpoint(self.checkpoint, NAME, self._settings.trust)
        if checkpoint is None and _read(self.path):
            raise Refused(
                f"The ledger's checkpoint {self.checkpoint} is missing.",
                remedy="restore it from its second place; without it a dropped tail does not show",
            )
        chain.verify(self.path, checkpoint)
        return tuple(self._parse(line) for _, _, line in chain.read(self.path))

    # control: SRV-06
    def _parse(self, line: dict[str, Any]) -> Entry:
        kind = records.KINDS.get(str(line.get("kind")))
        seq, remedy = line["seq"], "restore the ledger's last verified copy"
        if kind not in PURPOSE:
            raise Refused(f"Ledger line {seq} is a {line.get('kind')!r}.", remedy=remedy)
        payload = self._settings.trust.verify(line.get("envelope"), PURPOSE[kind])
        try:
            signed = json.loads(payload)
            place = (signed["seq"], signed["prev"])
            record = kind.model_validate(signed["record"])
            at = datetime.fromisoformat(signed["at"])
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(f"Ledger line {seq} holds no {kind.__name__}.", remedy=remedy) from error
        if place != (seq, line["prev"]):
            raise Refused(f"Ledger line {seq} was signed for line {place[0]}.", remedy=remedy)
        return Entry(seq, at, record)

    def append(self, record: records.Record) -> str:
        """Sign a record, append it, move the checkpoint; return the record's digest.

        Raises Refused when the clock lies before the newest entry, Unavailable when the disk or
        the key does not answer.
        """
        self._settle()
        with self._locked():
            existing = self.entries()
            at = clock.after(existing[-1].at if existing else None)
            if not existing:  # so that a missing checkpoint always means a removed one
                self._mark(chain.Head())
            last = chain.head(self.path)
            content = record.model_dump(mode="json")
            signed = {
                "seq": last.count,
                "prev": last.hash,
                "at": at.isoformat(),
                "record": content,
            }
            signer = self._settings.signer(PURPOSE[type(record)])
            envelope = signer.sign(digests.canonical(signed))
            line = {"kind": content["kind"], "envelope": envelope}
            self._mark(chain.append(self.path, [line]))
        return record.digest

    def _mark(self, head: chain.Head) -> None:
        chain.write_checkpoint(self.checkpoint, NAME, head, self._settings.signer("checkpoint"))

    def _settle(self) -> None:
        """Cut a last line that a killed command left unfinished: it was never acknowledged."""
        data = _read(self.path)
        if data and not data.endswith("\n"):
            with self._locked():
                chain.cut_torn_line(self.path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            stream = self.path.with_suffix(".lock").open("ab")
        except OSError as error:
            raise Unavailable(
                f"Cannot write {self.path.parent}: {error.strerror}.",
                remedy="make the folder writable, then run the same command again",
            ) from error
        with stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

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


def _read(path: Path) -> str:
    """Return a file's text (latin-1 keeps every byte), or nothing when it is not there."""
    try:
        return path.read_text("latin-1")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Unavailable(f"Cannot read {path}: {error.strerror}.", remedy="restore it") from error
