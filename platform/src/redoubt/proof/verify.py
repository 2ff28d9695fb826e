"""Every room on this project: one result a requirement, and whether the project may go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
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
from redoubt.proof.results import Finding, Judged, Report
from redoubt.proof.rooms import Requirement, Room
from redoubt.records import Tier
from redoubt.settings import Settings

Say = Callable[[str], None]
Asked = Sequence[tuple[Room, tuple[Requirement, ...]]]


def verify(
    settings: Settings, out: Path, only: Sequence[str] = (), *, deep: bool = False,
    say: Say = lambda text: None,
) -> tuple[Report, tuple[waivers.Verdict, ...]]:  # fmt: skip
    """Run the rooms and return what was found; results and logs of each room go to ``out``."""
    started, root = time.monotonic(), settings.root.resolve()
    project = projects.load(root)
    every = rooms.read(root)
    chosen = rooms.read(root, tuple(only)) if only else every
    verdicts, denied = accepted(settings, project, every)
    findings = (*standing(settings, project, every), *denied)
    say(f"{len(chosen)} rooms, {workers.at_once()} at a time; first what they use is imported")
    workers.warm()
    place = runs.Place(root, out.resolve(), deep=deep)
    asked = [(room, room.control.requirements) for room in chosen]
    found = tuple(
        waivers.applied(item, verdicts) for item in judged(place, asked, project.tier, say)
    )
    report = Report(found, findings, project.tier, time.monotonic() - started, len(every))
    return report, verdicts


def judged(place: runs.Place, asked: Asked, tier: Tier, say: Say) -> tuple[Judged, ...]:
    """Run the tests of these requirements; return what each came to, before any waiver."""
    place.out.mkdir(parents=True, exist_ok=True)
    tests = [(room, _tests(room, items)) for room, items in asked if _wanted(room, tier)]
    tested = _run(place, [(room, names) for room, names in tests if names], say)
    return tuple(
        results.judged(room, item, tested.get(room.id, {}), tier)
        for room, items in asked
        for item in items
    )


def _wanted(room: Room, tier: Tier) -> bool:
    return results.level_of(room, tier) != "off" and room.control.state != "retired"


def _tests(room: Room, items: Sequence[Requirement]) -> tuple[str, ...]:
    wanted = {item.id for item in items}
    return tuple(name for name, ids in room.tests.items() if wanted & set(ids))


# control: DEV-07
def standing(
    settings: Settings, project: projects.Project, every: Sequence[Room]
) -> tuple[Finding, ...]:
    """Check what no single room can: lock, register and catalogue, what an update left."""
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
def accepted(
    settings: Settings, project: projects.Project, every: Sequence[Room]
) -> tuple[tuple[waivers.Verdict, ...], list[Finding]]:
    """Judge the waivers; one that does not act is a finding, so that nobody relies on it."""
    try:
        verdicts = waivers.judge(waivers.Desk(settings, project, every))
    except BadInput as error:
        return (), [Finding("waivers", error.message, error.remedy)]
    return verdicts, [
        Finding("waivers", f"Waiver {item.name} does not act: {item.denied} ({waivers.FILE}).",
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


def _run(
    place: runs.Place, asked: Sequence[tuple[Room, tuple[str, ...]]], say: Say
) -> dict[str, dict[str, Tested]]:
    ready = [(runs.pristine(place, room, tests), room.id, tests) for room, tests in asked]
    of = {id(task): (name, tests) for task, name, tests in ready}
    tested: dict[str, dict[str, Tested]] = {}

    def started() -> Iterator[workers.Task]:
        for task, name, _ in ready:  # each is taken when there is place for it
            say(f"{name}  starts")
            yield task

    def held_up(task: workers.Task, seconds: float) -> None:
        say(f"{of[id(task)][0]}  runs since {seconds:.0f} s; after {task.seconds:.0f} s it is "
            "stopped, which counts as a failure")  # fmt: skip

    for ended in workers.run_all(started(), workers.at_once(), held_up):
        name, tests = of[id(ended.task)]
        tested[name] = runs.results(place, name, tests, ended.why)
        good = sum(item.outcome == "pass" for item in tested[name].values())
        say(f"{name}  {good}/{len(tests)} tests  {ended.seconds:.1f} s")
    return tested
