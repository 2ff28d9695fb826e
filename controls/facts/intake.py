"""The fact ``intake``: opens a workbench of its own, where files are published and taken in."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from unittest import mock

from redoubt import cli, datasets, digests, model, project, signing
from redoubt import settings as configuration
from redoubt.data import contract, ingest, quarantine, snapshots, sources, synthesize
from redoubt.errors import RedoubtError
from redoubt.ledger import Ledger
from redoubt.proof import fact
from redoubt.records import Lineage
from redoubt.release import issuer
from redoubt.training import preconditions

ROWS = 400
NO_FILE = "sha256:" + "0" * 64
SOURCES = """\
sources:
  partner:
    meaning: A partner's exports
    location: "{folder}/*"
    key: |
{key}
  archive:
    meaning: One old file, admitted by its digest
    location: "{folder}/*.csv"
    digests: ["{digest}"]
"""

RULES = (
    ("out of range", "annual_income", "-1", [1]),
    ("out of range", "annual_income", "9e9", [1]),
    ("not a number", "annual_income", "inf", [1]),
    ("missing", "annual_income", "", [1]),
    ("unknown level", "housing", "castle", [1]),
    ("not a integer", "term_months", "12.5", [1]),
    ("duplicate key", "application_id", "A-0000001", [1, 2]),
    ("in the future", "application_date", "2199-01-01", [1]),
    ("not a date", "application_date", "soon", [1]),
)
TERMS: tuple[dict[str, Any], ...] = (
    {"low": 2.0}, {"high": 9.0}, {"missing": True}, {"kind": "text"}, {"name": "x"},
    {"levels": ("a",)}, {"meaning": "other"}, {"classification": "special"}, {"protected": True},
)  # fmt: skip
DEFECTS: dict[str, Callable[[list[str]], list[str]]] = {
    "unexpectedly": lambda line: [*line, f"{line[-1]} too"],
    "not at all": lambda line: line[:-1],
    "twice": lambda line: [*line, line[-1]],
    "another type": lambda line: [*line[:-1], line[-1].replace("0", "no").replace("1", "yes")],
}


T = TypeVar("T")


def ended(action: Callable[[], T]) -> T | int:
    """Return what an action gives, or the exit code of its refusal."""
    try:
        return action()
    except RedoubtError as error:
        return error.exit_code


class Outcome(NamedTuple):
    """How an ingestion ended: exit code, words, records and snapshots added, reasons on record."""

    code: int
    words: str
    added: int
    reasons: dict[str, Any]


class Intake:
    """A project that ingests: ``lines`` are the cells of a good file, header first."""

    def __init__(self, root: Path) -> None:
        self.settings = configuration.Settings(root=root)
        self.project, self.model = project.load(root), model.load(root)
        self.steward = issuer.identity(self.settings, "mira")
        self.file = synthesize.write(self.settings, self.project, rows=ROWS)
        self.lines = [line.split(",") for line in self.file.read_text().splitlines()]

    def changed(self, row: int, column: str, value: str) -> list[list[str]]:
        """Return the good file's cells with one changed; rows count from 1, as in reasons.json."""
        lines = [list(line) for line in self.lines]
        lines[row][lines[0].index(column)] = value
        return lines

    def publish(self, lines: list[list[str]], name: str = "next.csv", source: str = "synthetic",
                key: Path | None = None) -> Path:  # fmt: skip
        """Write a file where the source publishes, with a receipt of its key or of another one."""
        text = "".join(",".join(line) + "\n" for line in lines)
        return self.publish_bytes(text.encode(), name, source, key)

    def publish_bytes(
        self, data: bytes, name: str, source: str = "partner", key: Path | None = None
    ) -> Path:
        """Write a file of any kind where the source publishes, with a receipt."""
        path = self.file.with_name(name)
        path.write_bytes(data)
        key = key or self.settings.keys / "source.pem"
        sources.write_receipt(path, source, signing.LocalSigner(key))
        return path

    def broken_files(self) -> Iterator[tuple[str, Path]]:
        """Yield words of a defect and a signed file that has it: each breaks the contract whole."""
        for number, (words, defect) in enumerate(DEFECTS.items()):
            lines = [defect(line) for line in self.lines]
            yield words, self.publish(lines, f"defect-{number}.csv")

    def broken_rows(self) -> Iterator[tuple[Path, list[tuple[int, str, str]]]]:
        """Yield a signed file in which one cell breaks one rule, and the reasons to expect."""
        for number, (rule, column, value, rows) in enumerate(RULES):
            file = self.publish(self.changed(1, column, value), f"row-{number}.csv")
            yield file, [(row, column, rule) for row in rows]

    def claimed(self, keys: Path) -> Iterator[tuple[Path, str, int, str]]:
        """Yield files that claim a source: two rightly, five not; the code and words to expect."""
        own, forger = keys / "own.pem", keys / "forger.pem"
        signing.create_key(own)
        signing.create_key(forger)
        self.list_sources(own, digests.digest_file(self.file))
        yield (
            self.publish(self.lines[:-3], "good.csv", "partner", own),
            "partner",
            0,
            "signed-receipt",
        )
        yield self.file, "archive", 0, "listed-digest"
        forged = self.publish(self.changed(1, "defaulted", "1"), "forged.csv", "partner", forger)
        yield forged, "partner", 1, "does not verify"
        ours = self.publish(self.lines[:-4], "ours.csv", "partner")  # by the platform's own key
        yield ours, "partner", 1, "does not verify"
        lent = self.publish(self.lines[:-1], "lent.csv", "archive", own)
        yield lent, "partner", 1, "speaks of source 'archive'"
        yield lent, "archive", 1, "is not one of the files"
        edited = self.publish(self.lines[:-2], "edited.csv", "partner", own)
        edited.write_text(edited.read_text().replace("rent", "own", 1))
        yield edited, "partner", 1, "speaks of source 'partner'"

    def misplaced(self) -> Iterator[Path]:
        """Yield signed files that lie elsewhere: by their name, or because a link leads there."""
        yield self.publish_bytes(self.file.read_bytes(), "other.txt", "synthetic")
        away = self.settings.state / "away.csv"
        away.write_bytes(self.file.read_bytes())
        sources.write_receipt(
            away, "synthetic", signing.LocalSigner(self.settings.keys / "source.pem")
        )
        link = self.file.with_name("link.csv")
        link.symlink_to(away)
        sources.receipt_path(link).write_bytes(sources.receipt_path(away).read_bytes())
        yield link

    def commanded(self, file: Path, source: str) -> object:
        """Return how the command line ends that is asked to take a file in."""
        token = issuer.mint(self.settings, "mira")
        with (
            contextlib.chdir(self.settings.root),
            mock.patch.dict(os.environ, {"REDOUBT_TOKEN": token}),
            mock.patch.object(
                sys, "argv", ["redoubt", "data", "ingest", str(file), "--source", source]
            ),
        ):
            try:
                cli.main()
            except SystemExit as end:
                return end.code or 0
        return 0

    def contracts(self) -> tuple[set[str], set[str]]:
        """Return the contract digests of equal schemas, and of schemas with one term changed."""
        schema, terms = self.model.schema, self.model.schema.columns
        others = [(*terms[:2], replace(terms[2], **change), *terms[3:]) for change in TERMS]
        name, changed = terms[2].name, [replace(schema, columns=other) for other in others]
        changed += [replace(schema, target=name), replace(schema, time=name)]
        changed.append(replace(schema, key=name))
        same = {contract.of(schema).digest, contract.of(replace(schema)).digest}
        return same, {contract.of(other).digest for other in changed}

    def flip_a_byte(self, dataset: str) -> None:
        path = datasets.folder(self.settings, dataset) / datasets.DATA
        data = path.read_bytes()
        at = data.rindex(b"parquet")  # in the writer's name, so that the table can still be read
        path.write_bytes(data[:at] + b"q" + data[at + 1 :])

    def list_sources(
        self, key: Path, digest: str = NO_FILE, folder: str = "{state}/data/incoming"
    ) -> Path:
        """Let the project list two sources of its own: one with a key, one with a digest."""
        pem = "".join(f"      {line}\n" for line in signing.public_pem(key).splitlines()).rstrip()
        path = self.settings.root / "conf" / "sources.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(SOURCES.format(key=pem, digest=digest, folder=folder))
        return path

    def listed(self, environment: str = "development", text: str = "") -> set[str] | int:
        """Return the sources allowed there, with another list of the project's; or the exit code."""
        settings = self.settings.model_copy(update={"environment": environment})
        if text:
            (settings.root / sources.CONF).write_text(text)
        return ended(lambda: set(sources.load(settings)))

    def uses(self, dataset: str) -> list[Any]:
        """Return how many rows each user of a snapshot reads, or the exit code of its refusal."""
        settings = self.settings
        return [
            ended(lambda: len(snapshots.load(settings, dataset)[0])),
            ended(lambda: len(preconditions.check(settings, self.steward, dataset).table)),
        ]

    def take(self, file: Path, source: str = "synthetic") -> Lineage:
        return ingest.ingest(
            self.settings, self.project, self.model, file, source=source, by=self.steward
        )

    def kept(self) -> tuple[int, int]:
        """Return how many snapshots and how many lineage records there are."""
        folders = (self.settings.state / "data" / "snapshots").glob("[0-9a-f]*")
        return len(list(folders)), len(list(Ledger(self.settings).all(Lineage)))

    def outcome(self, file: Path, source: str = "synthetic") -> Outcome:
        """Take a file in and return how that ended, as the command line would."""
        before = self.kept()
        try:
            taken = self.take(file, source)
        except RedoubtError as error:
            code, words = error.exit_code, error.message
        else:
            code, words = 0, f"{taken.rows} rows of {taken.source.name} by {taken.source.kind}"
        added = sum(self.kept()) - sum(before)
        return Outcome(code, words, added, quarantine.read(self.settings, file))

    def set_aside(self, file: Path) -> list[tuple[int, str, str]]:
        """Return (row, column, rule) of every reason that quarantine keeps for a file."""
        found = quarantine.read(self.settings, file).get("reasons", [])
        return [(item["row"], item["column"], item["rule"]) for item in found]


@fact(reads=["platform/src/redoubt/data/**", "platform/src/redoubt/policy/sources.yml"])
def intake(workbench: Path, copy_of: Callable[[Path], Path]) -> Callable[[], Intake]:
    return lambda: Intake(copy_of(workbench))
