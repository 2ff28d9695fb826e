"""One self-contained HTML page: what is proven, what is not, and what to do when something is red."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import jinja2

from redoubt.project import Project
from redoubt.proof import proofs, results
from redoubt.proof.catalogue import Declared
from redoubt.proof.context import About
from redoubt.proof.evidence import Occasion
from redoubt.proof.proofs import Proven
from redoubt.proof.results import Judged, Report, Result
from redoubt.proof.rooms import Room
from redoubt.proof.waivers import Verdict

SUBJECTS = ("machinery", "project", "model", "outside")
SPEAKS = {
    "machinery": "the platform's code, proven on its reference model",
    "project": "this project's files, settings and plans",
    "model": "the records of the model that is promoted now (`promote` asks the same of a candidate)",
    "outside": "what only evidence from elsewhere can show",
}
MEANING = {
    "not-evaluated": "nobody knows: it could not be judged here",
    "external": "evidence from elsewhere is to be attached",
    "waived": "unmet, accepted for a time by a second person",
    "planned": "among the not evaluated: a later release brings it",
    "fail": "the control does not hold, or its check could not run",
    "pass": "its check passed here",
    "off": "this tier does not ask for it",
}
FIRST = ("not-evaluated", "external", "waived", "planned", "fail", "pass", "off")


@dataclass(frozen=True)
class Row:
    """One control of the page."""

    room: Room
    items: tuple[Judged, ...]
    proven: Proven | None

    @property
    def result(self) -> Result:
        """Return the worst requirement's result."""
        return results.worst(self.items)

    @property
    def level(self) -> str:
        """Return what the control means in this tier."""
        return self.items[0].level

    def of(self, subject: str) -> tuple[Judged, ...]:
        """Return the requirements that speak of one subject."""
        return tuple(item for item in self.items if item.requirement.subject == subject)

    def counts(self, subject: str) -> list[tuple[Result, int]]:
        """Return (result, number) of one subject's requirements, the worst first."""
        found = [item.result for item in self.of(subject)]
        return [(name, found.count(name)) for name in results.WORST if name in found]

    @property
    def words(self) -> str:
        """Return what a search looks through, in lower case."""
        control = self.room.control
        claims = " ".join(f"{item.requirement.id} {item.requirement.claim}" for item in self.items)
        return f"{control.id} {control.title} {control.objective} {claims}".lower()


def rows(report: Report, root: Path) -> list[Row]:
    """Return the controls of a report, in its order."""
    found: dict[str, list[Judged]] = {}
    for item in report.judged:
        found.setdefault(item.room.id, []).append(item)
    return [
        Row(items[0].room, tuple(items), proofs.last(root, items[0].room))
        for items in found.values()
    ]


def render(
    report: Report, project: Project, occasion: Occasion, verdicts: Sequence[Verdict]
) -> str:
    """Return the page of a verification."""
    root = occasion.settings.root
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["short"] = _short
    source = resources.files("redoubt.proof").joinpath("page.html").read_text()
    every = rows(report, root)
    return environment.from_string(source).render(
        families=list(dict.fromkeys(row.room.id.partition("-")[0] for row in every)),
        project=project, report=report, counts=report.counts(), first=FIRST, meaning=MEANING,
        subjects=SUBJECTS, speaks=SPEAKS, rows=every, occasion=occasion,
        about=occasion.about, verdicts=verdicts, verdict=_verdict(report),
        declared=Declared.read(root / "controls"), style=_asset("page.css"), script=_asset("page.js"),
        limits=_notes(occasion.about), failing=[item for item in report.judged if item.result == "fail"],
    )  # fmt: skip


def _asset(name: str) -> str:
    return resources.files("redoubt.proof").joinpath(name).read_text()


def _short(value: str | None) -> str:
    return value.removeprefix("sha256:")[:12] if value else "none"


def _verdict(report: Report) -> tuple[str, str]:
    """Return (tone, sentence): what a person in a hurry must read."""
    failing = sum(item.failing for item in report.judged)
    if failing or report.findings:
        parts = [f"{failing} blocking requirement{'s' * (failing != 1)} failed"] if failing else []
        if report.findings:
            count = len(report.findings)
            parts.append(f"{count} finding{'s' * (count != 1)} about the project as a whole")
        return "fail", "Stopped: " + " and ".join(parts) + "."
    unknown = len(report.unknown(results.STRICT_MODEL))
    if unknown:
        return "not-evaluated", (
            f"Nothing failed, and {unknown} blocking requirement{'s' * (unknown != 1)} could not be judged here."
        )
    if report.partial:
        return "not-evaluated", f"{report.partial} Nothing of them failed."
    return "pass", "Every blocking requirement that can be judged on this machine passed."


def _notes(about: About) -> Iterable[str]:
    if about.commit is None:
        yield "This folder is no repository, so the evidence is bound to no commit."
    elif about.tree == "changed":
        yield "The checkout differs from its commit: this evidence speaks of the files, not of the commit."
    if about.model is None:
        yield "No model is promoted here, so nothing on this page speaks of a model of yours."
    yield "Green in «machinery» was reached on synthetic data with the reference model."
