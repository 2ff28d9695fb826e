"""Both ways: green on the project, and red, by its own assertion, on every sabotage of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from redoubt.errors import RedoubtError
from redoubt.proof import render, runs, sabotage, workers
from redoubt.proof.judge import Tested
from redoubt.proof.rooms import Answer, Break, Requirement, Room

Say = Callable[[str], None]
OWN_TESTS = "own-tests"


@dataclass(frozen=True)
class Broken:
    """What one sabotage turned red, and what is wrong with it as a proof."""

    requirement: str
    name: str
    kind: str
    quiet: bool
    red: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    skipped: str = ""
    seconds: float = 0.0


@dataclass
class Proof:
    """The outcome for one room: how its tests ended on the project, and on each broken copy."""

    room: Room
    green: dict[str, Tested] = field(default_factory=dict)
    breaks: list[Broken] = field(default_factory=list)

    def failures(self) -> Iterator[str]:
        """Yield a sentence for everything that keeps the room from being proven both ways."""
        for name, tested in self.green.items():
            if tested.outcome != "pass":
                yield f"{name} is {tested.outcome} on the project: {tested.detail}"
        for item in self.breaks:
            yield from (f"{item.requirement} «{item.name}»: {fault}" for fault in item.faults)
        if any(item.skipped for item in self.breaks):
            return
        red = {name for item in self.breaks for name in item.red}
        for name in sorted(set(self.green) - red):
            yield f"{name} was red on no sabotage: it cannot fail"


@dataclass(frozen=True)
class _Case:
    room: Room
    requirement: Requirement
    item: Break
    name: str

    @property
    def tests(self) -> tuple[str, ...]:
        return self.room.tests_of(self.requirement.id)


def prove(
    root: Path, rooms: Sequence[Room], out: Path, *, template: Path | None = None,
    say: Say = lambda text: None, at_once: int | None = None,
) -> list[Proof]:  # fmt: skip
    """Prove rooms both ways on a project; ``out`` receives results and logs of each run."""
    out.mkdir(parents=True, exist_ok=True)
    place = runs.Place(root.resolve(), out.resolve(), reference=True)
    proofs = {room.id: Proof(room) for room in rooms}
    at_once = at_once or workers.cores()
    workers.warm()
    _green(place, proofs, at_once, say)
    cases = list(_cases(place, rooms))
    baseline = _both(place, cases, proofs, at_once, say, _renderer(root, template))
    if baseline and proofs:
        for proof in proofs.values():
            quiet = [item for item in proof.breaks if item.quiet]
            if quiet:
                proof.breaks[proof.breaks.index(quiet[0])] = _with(quiet[0], baseline)
    return list(proofs.values())


def _with(item: Broken, faults: list[str]) -> Broken:
    extra = tuple(f"before any sabotage: {fault}" for fault in faults)
    return Broken(**{**item.__dict__, "faults": (*item.faults, *extra)})


def _green(place: runs.Place, proofs: dict[str, Proof], at_once: int, say: Say) -> None:
    tasks = {
        id(task): (task, proof)
        for proof in proofs.values()
        if proof.room.tests
        for task in [runs.pristine(place, proof.room, proof.room.id)]
    }
    for ended in workers.run_all((task for task, _ in tasks.values()), at_once):
        proof = tasks[id(ended.task)][1]
        proof.green = runs.results(place, proof.room.id, tuple(proof.room.tests), ended.why)
        bad = sum(item.outcome != "pass" for item in proof.green.values())
        say(f"{proof.room.id}: {len(proof.green) - bad} of {len(proof.green)} tests pass "
            f"({ended.seconds:.1f} s)")  # fmt: skip


def _cases(place: runs.Place, rooms: Sequence[Room]) -> Iterator[_Case]:
    for room in rooms:
        for requirement in room.control.requirements:
            for number, item in enumerate(requirement.breaks, 1):
                if room.tests_of(requirement.id):
                    yield _Case(room, requirement, item, f"{requirement.id}-{number:02d}")


def _renderer(
    root: Path, template: Path | None
) -> Callable[[Answer], Callable[[Path], Path] | str]:
    def make(item: Answer) -> Callable[[Path], Path] | str:
        try:
            return render.with_answer(root, template, item.answer, item.value)
        except RedoubtError as error:
            return error.message

    return make


def _both(
    place: runs.Place, cases: list[_Case], proofs: dict[str, Proof], at_once: int, say: Say,
    renderer: Callable[[Answer], Callable[[Path], Path] | str],
) -> list[str]:  # fmt: skip
    """Run every broken copy and every quietness check; return what was wrong before any break."""
    tasks: dict[int, tuple[str, _Case | None]] = {}
    ready: list[workers.Task] = []
    ended_tests: dict[str, workers.Ended] = {}
    ended_others: dict[str, workers.Ended] = {}
    unfit: dict[str, list[str]] = {}
    skipped: dict[str, str] = {}

    def add(task: workers.Task, kind: str, case: _Case | None) -> None:
        tasks[id(task)] = (kind, case)
        ready.append(task)

    quiet = [case for case in cases if case.item.quiet]
    if quiet:
        add(runs.others(place, None, OWN_TESTS), "others", None)
    for case in cases:
        unfit[case.name] = _unfit(place.root, case)
        rendered = renderer(case.item) if isinstance(case.item, Answer) else None
        if isinstance(rendered, str):
            skipped[case.name] = rendered
        elif not any(text.startswith("does not apply") for text in unfit[case.name]):
            add(
                runs.broken(place, case.room, case.tests, case.item, case.name, rendered),
                "tests", case,
            )  # fmt: skip
            if case.item.quiet:
                add(runs.others(place, case.item, f"{case.name}-others"), "others", case)
    baseline: list[str] = []
    for ended in workers.run_all(ready, at_once):
        kind, done = tasks[id(ended.task)]
        if done is None:
            baseline = runs.faults(place, OWN_TESTS, ended.why)
            continue
        (ended_tests if kind == "tests" else ended_others)[done.name] = ended
        if done.name in ended_tests and (not done.item.quiet or done.name in ended_others):
            broken = _judge(place, done, ended_tests, ended_others, unfit[done.name])
            proofs[done.room.id].breaks.append(broken)
            say(_line(broken))
    for case in cases:
        if case.name not in ended_tests:
            broken = Broken(case.requirement.id, case.item.name, case.item.kind, case.item.quiet,
                            faults=tuple(unfit[case.name]), skipped=skipped.get(case.name, ""))  # fmt: skip
            proofs[case.room.id].breaks.append(broken)
            say(_line(broken))
    return baseline


def _unfit(root: Path, case: _Case) -> list[str]:
    """Return what the text of a sabotage alone shows to be wrong with it."""
    item = case.item
    if isinstance(item, Answer):
        return []
    found = []
    if sabotage.inside(root, item.path) == case.room.verify.resolve():
        found.append("does not apply: it breaks the check itself, not the control")
    try:
        change = sabotage.preview(item, root)
    except sabotage.NotApplicable as error:
        return [*found, f"does not apply any more: {error.message}"]
    if item.quiet:
        if change.lines > sabotage.MOST_LINES:
            found.append(
                f"is not quiet: it changes {change.lines} lines, at most {sabotage.MOST_LINES}"
            )
        if not sabotage.marked(root, change, case.room.id):
            found.append(
                f"is not at an implementing line: no `control: {case.room.id}` at or within "
                f"{sabotage.NEAR} lines above it in {item.path}"
            )
    return found


def _judge(
    place: runs.Place, case: _Case, tests: dict[str, workers.Ended],
    other: dict[str, workers.Ended], unfit: list[str],
) -> Broken:  # fmt: skip
    ended = tests[case.name]
    results = runs.results(place, case.name, case.tests, ended.why)
    red = tuple(name for name, tested in results.items() if tested.outcome == "fail")
    errors = tuple(f"{n}: {t.detail}" for n, t in results.items() if t.outcome == "error")
    faults = list(unfit)
    if not red:
        seen = "; ".join(f"{n} {t.outcome}: {t.detail}".strip(": ") for n, t in results.items())
        faults.append(f"survives: no test turned red by its own assertion ({seen})")
    if case.item.quiet:
        rest = runs.faults(place, f"{case.name}-others", other[case.name].why)
        faults += [f"is not quiet: {text}" for text in rest]
    return Broken(
        case.requirement.id, case.item.name, case.item.kind, case.item.quiet, red, errors,
        tuple(faults), "", ended.seconds,
    )  # fmt: skip


def _line(broken: Broken) -> str:
    what = (
        f"not reproduced here ({broken.skipped})" if broken.skipped
        else "NOT PROVEN: " + "; ".join(broken.faults) if broken.faults
        else "red: " + ", ".join(broken.red)
    )  # fmt: skip
    return f"{broken.requirement} «{broken.name}»: {what} ({broken.seconds:.1f} s)"
