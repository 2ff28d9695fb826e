"""Evidence: one record a requirement and polarity, chained for each run, and every run kept.

A run's folder holds ``records.jsonl``, its logs, the page and a statement over all of them: an
in-toto statement, signed where an evidence key is at hand and marked ``unsigned`` where not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from redoubt import chain, clock, digests, files
from redoubt.errors import RedoubtError, Refused
from redoubt.proof import context
from redoubt.proof.prove import Broken, Proof
from redoubt.proof.results import Judged, Report
from redoubt.records import Record
from redoubt.settings import Settings
from redoubt.signing import IN_TOTO

PREDICATE = "urn:redoubt:evidence:1"
INDEX, RECORDS, STATEMENT, PAGE = "runs.jsonl", "records.jsonl", "statement.json", "index.html"
OPEN = "plan-of-action.json"


class Evidence(Record):
    """One record. ``polarity`` is ``positive``, or ``negative:<sabotage>`` for a broken copy."""

    kind: Literal["redoubt/evidence/1"] = "redoubt/evidence/1"
    control: str
    requirement: str
    polarity: str
    result: str
    speaks_of: str
    command: str
    session: str
    exit_code: int
    tools: dict[str, str]
    emulator: str | None
    subject: context.About
    at: datetime
    collector: str
    expected: str
    observed: str
    log: str | None
    log_digest: str | None
    limits: str
    waiver: str | None = None


@dataclass(frozen=True)
class Occasion:
    """One run of the machinery: which command, on what, into which folder."""

    settings: Settings
    verb: str
    command: str
    at: datetime
    folder: Path
    about: context.About

    @classmethod
    def begin(cls, settings: Settings, verb: str, words: Sequence[str]) -> Occasion:
        """Open a new folder for a run."""
        at = clock.now()
        name = f"{at:%Y%m%dT%H%M%SZ}-{verb}"
        place = settings.state / "evidence"
        free = next(n for n in _names(name) if not (place / n).exists())
        (place / free / "logs").mkdir(parents=True)
        command = " ".join(["redoubt", verb, *words])
        return cls(settings, verb, command, at, place / free, context.about(settings))

    @property
    def logs(self) -> Path:
        """Return where the raw logs of this run go."""
        return self.folder / "logs"


def _names(name: str) -> Iterable[str]:
    yield name
    yield from (f"{name}-{number}" for number in range(2, 1000))


@dataclass(frozen=True)
class _Writer:
    occasion: Occasion
    exit_code: int
    tools: dict[str, str]

    def record(self, judged: Judged, polarity: str, **observation: Any) -> Evidence:
        log = self.occasion.logs / f"{observation.pop('log')}.log"
        there = log.is_file()
        return Evidence(
            control=judged.room.id, requirement=judged.requirement.id, polarity=polarity,
            speaks_of=judged.requirement.subject, command=self.occasion.command,
            session=self.occasion.folder.name, exit_code=self.exit_code, tools=self.tools,
            emulator=None, subject=self.occasion.about, at=self.occasion.at,
            collector=context.collector(), limits=judged.room.control.limits,
            waiver=judged.waiver or None,
            log=log.relative_to(self.occasion.folder).as_posix() if there else None,
            log_digest=digests.digest_file(log) if there else None, **observation,
        )  # fmt: skip


def of_report(occasion: Occasion, report: Report, exit_code: int) -> list[Evidence]:
    """Return the records of a verification."""
    writer = _Writer(occasion, exit_code, context.tools())
    return [
        writer.record(
            item, "positive", result=item.result, expected=item.requirement.claim,
            observed=item.why or ", ".join(f"{t.test}: {t.outcome}" for t in item.tests) or item.result,
            log=item.room.id,
        )
        for item in report.judged
    ]  # fmt: skip


def of_proofs(occasion: Occasion, proofs: Iterable[Proof], exit_code: int) -> list[Evidence]:
    """Return the records of broken copies: ``pass`` when the verification failed as it must."""
    writer = _Writer(occasion, exit_code, context.tools())
    found = []
    for proof in proofs:
        items = {item.id: item for item in proof.room.control.requirements}
        for broken in proof.breaks:
            about = Judged(proof.room, items[broken.requirement], "blocking", "pass")
            found.append(
                writer.record(
                    about, f"negative:{broken.name}", result=_negative(broken),
                    expected="a test of the requirement turns red by its own assertion",
                    observed="; ".join((*broken.faults, broken.skipped)).strip("; ")
                    or f"red: {', '.join(broken.red)}",
                    log=broken.log,
                )
            )  # fmt: skip
    return found


def _negative(broken: Broken) -> str:
    if broken.skipped:
        return "not-evaluated"
    return "fail" if broken.faults else "pass"


def close(
    occasion: Occasion, found: Sequence[Evidence], counts: dict[str, int], controls: Iterable[str]
) -> bool:
    """Write the records, the statement over the folder and the line of the history.

    Returns whether the statement is signed. What the folder holds beside must be there already.
    """
    lines = [record.model_dump(mode="json") for record in found]
    head = chain.append(occasion.folder / RECORDS, lines) if lines else chain.Head()
    signed = _state(occasion, head, counts)
    line = {
        "run": occasion.folder.name, "verb": occasion.verb, "at": occasion.at.isoformat(),
        "head": head.hash, "count": head.count, "counts": counts, "controls": sorted(set(controls)),
        "statement": digests.digest_file(occasion.folder / STATEMENT), "signed": signed,
        "commit": occasion.about.commit, "template": occasion.about.template,
    }  # fmt: skip
    chain.append(occasion.folder.parent / INDEX, [line])
    return signed


def _state(occasion: Occasion, head: chain.Head, counts: dict[str, int]) -> bool:
    """Write the statement; say whether an evidence key signed it."""
    paths = [p for p in sorted(occasion.folder.rglob("*")) if p.is_file() and p.name != STATEMENT]
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {
                "name": path.relative_to(occasion.folder).as_posix(),
                "digest": {"sha256": digests.digest_file(path).removeprefix("sha256:")},
            }
            for path in paths
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "run": occasion.folder.name, "command": occasion.command,
            "at": occasion.at.isoformat(), "head": head.hash, "count": head.count,
            "counts": counts, "about": occasion.about.model_dump(mode="json"),
        },
    }  # fmt: skip
    try:
        envelope = occasion.settings.signer("evidence").sign(digests.canonical(statement), IN_TOTO)
    except RedoubtError:
        envelope = None
    value = {"signature": "signed" if envelope else "unsigned"} | (
        {"envelope": envelope} if envelope else {"statement": statement}
    )
    files.write_text(occasion.folder / STATEMENT, json.dumps(value, indent=1) + "\n")
    return envelope is not None


def history(settings: Settings) -> list[dict[str, Any]]:
    """Return every run, oldest first. Raises ChainBroken when one was edited or removed."""
    return [line for _, _, line in chain.read(settings.state / "evidence" / INDEX)]


def check(settings: Settings, run: dict[str, Any]) -> Path:
    """Verify a run of the history against its statement, and return its folder.

    Raises Refused when a file is missing, changed or not named by the statement.
    """
    folder = settings.state / "evidence" / str(run["run"])
    remedy = "restore the folder's last copy, and find out who changed it"
    statement = folder / STATEMENT
    if not statement.is_file() or digests.digest_file(statement) != run["statement"]:
        raise Refused(f"{run['run']}: its statement is missing or changed.", remedy=remedy)
    value = json.loads(statement.read_bytes())
    if run["signed"]:
        payload = settings.trust.verify(value["envelope"], "evidence", IN_TOTO)
        content = json.loads(payload)
    else:
        content = value["statement"]
    named = {item["name"]: item["digest"]["sha256"] for item in content["subject"]}
    there = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    for name in sorted((named.keys() | there.keys()) - {STATEMENT}):
        path = there.get(name)
        if path is None or digests.digest_file(path) != f"sha256:{named.get(name)}":
            raise Refused(f"{run['run']}: {name} is missing, changed or not named.", remedy=remedy)
    if chain.head(folder / RECORDS).hash != run["head"]:
        raise Refused(f"{run['run']}: its records are not those of the history.", remedy=remedy)
    return folder


# control: DEV-07
def gone(settings: Settings, here: Iterable[str]) -> dict[str, str]:
    """Return control -> when it was last seen, of those that the history knows and nobody retired."""
    seen: dict[str, str] = {}
    for run in history(settings):
        seen |= dict.fromkeys(run["controls"], str(run["at"]))
    return {name: at for name, at in seen.items() if name not in set(here)}
