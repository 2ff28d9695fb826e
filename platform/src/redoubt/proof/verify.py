"""Every room on this project: one result a requirement, and whether the project may go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from redoubt import project as projects
from redoubt.errors import BadInput, RedoubtError
from redoubt.proof import (
    catalogue,
    evidence,
    lock,
    register,
    results,
    rooms,
    runs,
    updates,
    waivers,
    workers,
)
from redoubt.proof.judge import Tested
from redoubt.proof.results import Finding, Report
from redoubt.settings import Settings

Say = Callable[[str], None]


def verify(
    settings: Settings, out: Path, only: Sequence[str] = (), *, deep: bool = False,
    say: Say = lambda text: None,
) -> tuple[Report, tuple[waivers.Verdict, ...]]:  # fmt: skip
    """Run the rooms and return what was found; results and logs of each room go to ``out``."""
    started, root = time.monotonic(), settings.root.resolve()
    project = projects.load(root)
    every = rooms.read(root)
    chosen = rooms.read(root, tuple(only)) if only else every
    verdicts, denied = _waivers(settings, project, every)
    findings = (*standing(settings, project, every), *denied)
    out.mkdir(parents=True, exist_ok=True)
    place = runs.Place(root, out.resolve(), deep=deep)
    asked = [room for room in chosen if _asked(room, project)]
    tested = _run(place, asked, say)
    judged = tuple(
        waivers.applied(results.judged(room, item, tested.get(room.id, {}), project.tier), verdicts)
        for room in chosen
        for item in room.control.requirements
    )
    report = Report(judged, findings, project.tier, time.monotonic() - started, len(every))
    return report, verdicts


def _asked(room: rooms.Room, project: projects.Project) -> bool:
    wanted = results.level_of(room, project.tier) != "off" and room.control.state != "retired"
    return wanted and bool(room.tests)


# control: DEV-07
def standing(
    settings: Settings, project: projects.Project, every: Sequence[rooms.Room]
) -> tuple[Finding, ...]:
    """Check what no single room can: the lock, the register, the catalogue, what an update left."""
    declared = catalogue.Declared.read(settings.root / "controls")
    wrong = [*catalogue.problems(every, declared), *catalogue.unknown_facts(declared)]
    return (
        *lock.check(settings.root),
        *register.check(settings.root, every),
        *updates.check(settings.root, project),
        *gone(settings, [room.id for room in every]),
        *(Finding(item.control, f"{item.message}.", "correct the room") for item in wrong),
    )


# control: GATE-10
def _waivers(
    settings: Settings, project: projects.Project, every: Sequence[rooms.Room]
) -> tuple[tuple[waivers.Verdict, ...], list[Finding]]:
    """Judge the waivers; one that does not act is a finding, so that nobody relies on it."""
    try:
        verdicts = waivers.judge(waivers.Desk(settings, project, every))
    except BadInput as error:
        return (), [Finding("waivers", error.message, error.remedy)]
    return verdicts, [
        Finding("waivers", f"Waiver {item.name} does not act: {item.denied}.",
                "correct it, have it approved with `redoubt waive`, or remove it")
        for item in verdicts if not item.acts
    ]  # fmt: skip


# control: DEV-07
def gone(settings: Settings, here: Sequence[str]) -> list[Finding]:
    """Name the controls that earlier runs here judged and that are simply not there any more."""
    try:
        missed = evidence.gone(settings, here)
    except RedoubtError as error:
        return [Finding("evidence", error.message, error.remedy)]
    remedy = "take the release that retires it with a successor; a control is never just dropped"
    return [Finding(name, f"{name} was judged here on {at} and is gone.", remedy)
            for name, at in missed.items()]  # fmt: skip


def _run(place: runs.Place, asked: Sequence[rooms.Room], say: Say) -> dict[str, dict[str, Tested]]:
    workers.warm()
    ready = [(runs.pristine(place, room, room.id), room) for room in asked]
    of = {id(task): room for task, room in ready}
    tested: dict[str, dict[str, Tested]] = {}
    for ended in workers.run_all((task for task, _ in ready), workers.cores()):
        room = of[id(ended.task)]
        tested[room.id] = runs.results(place, room.id, tuple(room.tests), ended.why)
        bad = sum(item.outcome != "pass" for item in tested[room.id].values())
        say(f"{room.id}  {len(tested[room.id]) - bad}/{len(tested[room.id])} tests  "
            f"{ended.seconds:.1f} s")  # fmt: skip
    return tested
