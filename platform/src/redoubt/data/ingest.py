"""Ingestion: source, then contract, then snapshot and lineage; nothing is kept before both hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from redoubt import clock, datasets, digests, identity, limits, progress
from redoubt.data import contract, quarantine, readers, snapshots, sources
from redoubt.data.readers import Table, Violation
from redoubt.errors import BadInput, Refused
from redoubt.identity import Identity
from redoubt.ledger import Ledger
from redoubt.limits import Limits
from redoubt.model import Model, Schema
from redoubt.project import Project
from redoubt.records import Digest, Lineage, Source
from redoubt.settings import Settings


@dataclass(frozen=True)
class Intake:
    """One ingestion: the file, who brings it, when, and the rules that it must keep."""

    settings: Settings
    schema: Schema
    rules: Limits
    file: Path
    by: Identity
    at: datetime

    @property
    def most(self) -> int:
        """Return how many bytes a file may have, as it lies there and unpacked."""
        return int(self.rules.number("ingest", "file_megabytes")) << 20


# control: DAT-01
def ingest(
    settings: Settings, project: Project, model: Model, file: Path, *, source: str, by: Identity,
    tell: progress.Tell = progress.silent,
) -> Lineage:  # fmt: skip
    """Take a file in and return its lineage; the same file and contract give the same snapshot.

    Raises Refused (source, proof, too many bad rows), BadInput (the file breaks the contract as a
    whole) or Unavailable (disk, keys). A refused file leaves reasons in quarantine, no snapshot.
    """
    identity.duties(settings.root).require(by, "ingest")
    rules = limits.load(settings.root, "data", project.tier, project.jurisdictions)
    ledger = Ledger(settings)
    at = clock.after(ledger.latest_time())
    intake = Intake(settings, model.schema, rules, file, by, at)
    tell(f"checking that {file.name} comes from {source}")
    origin, data = _admitted(intake, source)
    known = _known(intake, ledger, origin)
    if known:
        tell("this file is already ingested under this contract")
        return known
    tell("checking the contract")
    table, found = _checked(intake, data, origin.file_digest)
    tell(f"{len(table.typed):,} rows read, {len(_rows(found)):,} set aside")
    return _record(intake, ledger, origin, table, _rows(found))


def _admitted(intake: Intake, source: str) -> tuple[Source, bytes]:
    try:
        return sources.admit(intake.settings, source, intake.file, limit=intake.most)
    except Refused as error:
        if intake.file.is_file() and intake.file.stat().st_size <= intake.most:
            found = digests.digest_file(intake.file)
            quarantine.whole(intake.settings, found, intake.file.name, error.message)
        raise


# control: DAT-01
def _known(intake: Intake, ledger: Ledger, origin: Source) -> Lineage | None:
    """Return the lineage of an ingestion that this one would repeat, its snapshot still whole."""
    version = contract.of(intake.schema).digest
    for record in ledger.all(Lineage):
        if (record.source, record.contract) == (origin, version):
            snapshots.load(intake.settings, record.dataset)
            return record
    return None


# control: DAT-01
def _checked(
    intake: Intake, data: bytes, file_digest: Digest
) -> tuple[Table, tuple[Violation, ...]]:
    """Return the table and its broken rules; the rows that broke one are then in quarantine."""
    name = intake.file.name
    try:
        table = readers.read(data, name, intake.schema, most=intake.most)
    except BadInput as error:
        quarantine.whole(intake.settings, file_digest, name, error.message)
        raise
    broken = contract.violations(intake.schema, table.typed, intake.at.date())
    found = _merged(table.violations, broken)
    if found:
        quarantine.rows(intake.settings, file_digest, table.cells, found)
    _require_few(name, len(table.typed), found, intake.rules)
    return table, found


def _merged(typing: tuple[Violation, ...], rules: tuple[Violation, ...]) -> tuple[Violation, ...]:
    """Join both lists; a cell of another type is not reported a second time as missing."""
    cells = {(violation.row, violation.column) for violation in typing}
    return tuple(sorted({*typing, *(v for v in rules if (v.row, v.column) not in cells)}))


def _rows(found: tuple[Violation, ...]) -> set[int]:
    return {violation.row for violation in found}


# control: DAT-01
def _require_few(name: str, rows: int, found: tuple[Violation, ...], rules: Limits) -> None:
    bad = len(_rows(found))
    allowed = rules.number("ingest", "bad_row_share")
    if bad > allowed * rows or bad == rows:
        raise Refused(
            f"{name}: {bad} of {rows} rows break the contract, more than {allowed:.1%}: "
            f"{quarantine.summary(found)}.",
            remedy="see rows.csv and reasons.json in the quarantine folder, then fix the export",
        )


# control: DAT-01
def _record(intake: Intake, ledger: Ledger, origin: Source, table: Table, bad: set[int]) -> Lineage:
    """Keep the good rows as a snapshot and sign where they came from."""
    schema, terms = intake.schema, contract.of(intake.schema)
    good = table.typed.drop(index=list(bad)).reset_index(drop=True)
    contents = snapshots.contents(schema, good)
    lineage = Lineage(
        dataset=datasets.name(contents), source=origin, contract=terms.digest, rows=len(good),
        quarantined=len(bad), columns=tuple(c.name for c in schema.columns if not c.protected),
        by=intake.by.actor(), at=intake.at,
    )  # fmt: skip
    notes = {"lineage.json": lineage.canonical(), "contract.json": terms.canonical()}
    snapshots.write(intake.settings, contents, notes)
    ledger.append(lineage)
    return lineage
