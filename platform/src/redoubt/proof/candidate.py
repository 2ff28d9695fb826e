"""What the catalogue says of one model, asked before it is decided whether that model may serve."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from redoubt import digests
from redoubt.admission import Case
from redoubt.errors import Refused
from redoubt.proof import context, results, rooms, runs, verify, waivers, workers
from redoubt.proof.results import Judged, Report
from redoubt.proof.rooms import Requirement, Room
from redoubt.records import ControlResult

Say = Callable[[str], None]
Explain = Callable[[str, str, str], None]  # denial as recorded, claim, remedy
SUBJECTS = ("model",)
WARM = ("pytest", "model_signing", "securesystemslib.signer")
LONGEST = 500


def untold(denial: str, claim: str, remedy: str) -> None:
    """Say nothing: the default of what can explain a denial."""


# control: GATE-01
def ask(case: Case, say: Say = lambda text: None, explain: Explain = untold) -> ControlResult:
    """Run the tests of every requirement that speaks of a model, on this one; say what denies it.

    A denial is recorded by its requirement, result and reason. Claim and remedy are looked up when
    it is shown (``explain``), so that better words never change a record.

    Raises BadInput when the catalogue or the waivers cannot be read, Refused when nothing in the
    catalogue speaks of a model: then nobody was asked.
    """
    settings, project = case.settings, case.project
    every = rooms.read(settings.root)
    verdicts = waivers.judge(waivers.Desk(settings, project, every, model=case.digest))
    judged = tuple(waivers.applied(item, verdicts) for item in _judged(case, every, say))
    report = Report(judged, verify.standing(settings, project, every), project.tier)
    scopes = {item.name: item.waiver.digest for item in verdicts if item.waiver}
    return ControlResult(
        model=case.digest, tier=project.tier, catalogue=context.locked(settings.root),
        results={item.requirement.id: item.result for item in judged},
        waivers={item.requirement.id: scopes[item.waiver] for item in judged if item.waiver},
        denials=(*_denials(report, explain), *_unasked(every, judged)),
    )  # fmt: skip


# control: GATE-01
def _judged(case: Case, every: Sequence[Room], say: Say) -> tuple[Judged, ...]:
    asked = [(room, items) for room in every if (items := about_models(room))]
    if not asked:
        raise Refused("No room speaks of a model.", remedy="restore the catalogue")
    say(f"asking {len(asked)} rooms about {digests.short(case.digest)}")
    workers.warm(WARM)
    with tempfile.TemporaryDirectory(prefix="redoubt-rooms-") as out:
        place = runs.Place(case.settings.root.resolve(), Path(out).resolve(), model=case.digest)
        return verify.judged(place, asked, case.project.tier, say)


def about_models(room: Room) -> tuple[Requirement, ...]:
    """Return what a room claims of a model before it is decided on."""
    if room.control.state == "retired":
        return ()
    claims = room.control.requirements
    return tuple(item for item in claims if item.subject in SUBJECTS and not item.decided)


# control: GATE-01
def _unasked(every: Sequence[Room], judged: Sequence[Judged]) -> Iterator[str]:
    """Yield a sentence for each requirement that nobody answered: silence is no yes."""
    answered = {item.requirement.id for item in judged}
    for name in (item.id for room in every for item in about_models(room)):
        if name not in answered:
            yield f"{name}: nobody was asked"


# control: GATE-01
def _denials(report: Report, explain: Explain) -> Iterator[str]:
    """Yield a sentence for each finding and for each requirement that stops; explain it."""
    for finding in report.findings:
        denial = f"{finding.about}: {finding.message}"
        explain(denial, "", finding.remedy)
        yield denial
    unknown = report.unknown(SUBJECTS)
    for item in report.judged:
        if item.failing or item in unknown:
            denial = f"{item.requirement.id}: {item.result}: {results.brief(item)[:LONGEST]}"
            explain(denial, item.requirement.claim, item.remedy)
            yield denial
