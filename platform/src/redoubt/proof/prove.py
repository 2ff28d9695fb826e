"""Both ways: green on the project, and red, by its own assertion, on every sabotage of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from redoubt.errors import RedoubtError
from redoubt.proof import ahead, render, runs, sabotage, workers
from redoubt.proof.judge import Tested
from redoubt.proof.rooms import Answer, Room
from redoubt.proof.runs import Case

Say = Callable[[str], None]
OWN_TESTS = "own-tests"


@dataclass(frozen=True)
class Broken:
    """What one sabotage turned red, and what is wrong with it as a proof."""

    requirement: str
    name: str
    kind: str
    quiet: bool
    log: str = ""
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
    before: list[str] = field(default_factory=list)

    def failures(self) -> Iterator[str]:
        """Yield a sentence for everything that keeps the room from being proven both ways."""
        yield from self.before
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


def _outcome(case: Case, **outcome: Any) -> Broken:
    item = case.item
    return Broken(case.requirement.id, item.name, item.kind, item.quiet, case.name, **outcome)


def prove(
    root: Path, rooms: Sequence[Room], out: Path, *, template: Path | None = None,
    say: Say = lambda text: None,
) -> list[Proof]:  # fmt: skip
    """Prove rooms both ways on a project; ``out`` receives results and logs of each run."""
    out.mkdir(parents=True, exist_ok=True)
    place = runs.Place(root.resolve(), out.resolve(), reference=True)
    workers.warm()
    bench = _Bench(place, template, say, {room.id: Proof(room) for room in rooms})
    bench.green()
    with tempfile.TemporaryDirectory(prefix="redoubt-seed-", dir=workers.shelf()) as folder:
        seed = sabotage.seed(place.root, Path(folder) / "project")
        bench.place = replace(place, seed=seed, ahead=Path(folder) / "facts")
        cases = list(_cases(rooms))
        bench.ahead(cases)
        bench.both(cases)
    return list(bench.proofs.values())


def _cases(rooms: Sequence[Room]) -> Iterator[Case]:
    for room in rooms:
        for requirement in room.control.requirements:
            for number, item in enumerate(requirement.breaks, 1):
                yield Case(room, requirement, item, f"{requirement.id}-{number:02d}")


@dataclass
class _Bench:
    """One run of the proof: what is to do, what has ended, what came of it."""

    place: runs.Place
    template: Path | None
    say: Say
    proofs: dict[str, Proof]
    _tests: dict[str, workers.Ended] = field(default_factory=dict)
    _others: dict[str, workers.Ended] = field(default_factory=dict)

    def green(self) -> None:
        """Run the rooms on the project itself."""
        asked = [proof for proof in self.proofs.values() if proof.room.tests]
        jobs = [
            (runs.pristine(self.place, proof.room, tuple(proof.room.tests)), proof)
            for proof in asked
        ]
        of = {id(task): proof for task, proof in jobs}
        for ended in workers.run_all((task for task, _ in jobs), workers.at_once()):
            proof = of[id(ended.task)]
            proof.green = runs.results(
                self.place, proof.room.id, tuple(proof.room.tests), ended.why
            )
            wrong = [item for item in proof.green.values() if item.outcome != "pass"]
            good = len(proof.green) - len(wrong)
            why = "".join(f": {item.outcome}, {item.detail}" for item in wrong[:1])
            self.say(
                f"{proof.room.id}: {good} of {len(proof.green)} tests pass ({ended.seconds:.1f} s){why}"
            )

    def ahead(self, cases: list[Case]) -> None:
        """Compute for many broken copies at once what would cost each of them much alone."""
        at_once = min(workers.cores(), ahead.AT_ONCE)
        for ended in workers.run_all(ahead.tasks(self.place, cases), at_once):
            self.say(f"{ended.task.log.stem}: {ended.why or 'done'} ({ended.seconds:.1f} s)")

    def both(self, cases: list[Case]) -> None:
        """Run every sabotage, and for the quiet ones what else it may have broken."""
        jobs: dict[int, tuple[workers.Task, Case | None, bool]] = {}
        for task, case, rest in self._jobs(cases):
            jobs[id(task)] = (task, case, rest)
        tasks = [task for task, _, _ in jobs.values()]
        for ended in workers.run_all(tasks, workers.at_once()):
            _, case, rest = jobs[id(ended.task)]
            if case is None:
                self._baseline(ended)
                continue
            (self._others if rest else self._tests)[case.name] = ended
            if case.name in self._tests and (not case.item.quiet or case.name in self._others):
                self._add(case, self._judged(case))

    def _jobs(self, cases: list[Case]) -> Iterator[tuple[workers.Task, Case | None, bool]]:
        if any(case.item.quiet for case in cases):
            yield runs.others(self.place, None, OWN_TESTS), None, True
        for case in cases:
            rendered, why = self._rendered(case)
            wrong = [text for text in unfit(self.place.root, case) if text.startswith(UNFIT)]
            if why or wrong:
                self._add(case, _outcome(case, faults=tuple(wrong), skipped=why))
                continue
            yield runs.broken(self.place, case, rendered), case, False
            if case.item.quiet:
                yield runs.others(self.place, case.item, f"{case.name}-others"), case, True

    def _rendered(self, case: Case) -> tuple[Callable[[Path], Path] | None, str]:
        """Return how to make the copy of an answer sabotage, or why it cannot be made here."""
        if not isinstance(case.item, Answer):
            return None, ""
        try:
            item = case.item
            return render.with_answer(self.place.root, self.template, item.answer, item.value), ""
        except RedoubtError as error:
            return None, error.message

    def _baseline(self, ended: workers.Ended) -> None:
        for fault in runs.faults(self.place, OWN_TESTS, ended.why):
            for proof in self.proofs.values():
                proof.before.append(f"before any sabotage: {fault}")

    def _judged(self, case: Case) -> Broken:
        ended = self._tests[case.name]
        seen = runs.results(self.place, case.name, case.tests, ended.why)
        red = tuple(name for name, tested in seen.items() if tested.outcome == "fail")
        errors = tuple(f"{n}: {t.detail}" for n, t in seen.items() if t.outcome == "error")
        faults = unfit(self.place.root, case)
        if not red:
            how = "; ".join(f"{n} {t.outcome} {t.detail}".strip() for n, t in seen.items())
            faults.append(f"survives: no test turned red by its own assertion ({how})")
        if case.item.quiet:
            why = self._others[case.name].why
            rest = runs.faults(self.place, f"{case.name}-others", why)
            faults += [f"is not quiet: {text}" for text in rest]
        return _outcome(case, red=red, errors=errors, faults=tuple(faults), seconds=ended.seconds)

    def _add(self, case: Case, broken: Broken) -> None:
        self.proofs[case.room.id].breaks.append(broken)
        self.say(_line(broken))


UNFIT = "does not apply"


# control: DEV-07
def unfit(root: Path, case: Case) -> list[str]:
    """Return what the text of a sabotage alone shows to be wrong with it."""
    item = case.item
    if isinstance(item, Answer):
        return []
    try:
        if sabotage.inside(root, item.path).parent == case.room.folder.resolve():
            return [f"{UNFIT}: it breaks the check itself, not the control"]
        change = sabotage.preview(item, root)
    except sabotage.NotApplicable as error:
        return [f"{UNFIT} any more: {error.message}"]
    return list(_loud(root, case, change)) if item.quiet else []


def _loud(root: Path, case: Case, change: sabotage.Change) -> Iterator[str]:
    if change.lines > sabotage.MOST_LINES:
        yield f"is not quiet: it changes {change.lines} lines, at most {sabotage.MOST_LINES} may be"
    if not sabotage.marked(root, change, case.room.id):
        yield (
            f"is not at an implementing line: no `control: {case.room.id}` on the changed lines or "
            f"within {sabotage.NEAR} lines above them in {change.path}"
        )


def _line(broken: Broken) -> str:
    if broken.skipped:
        what = f"not reproduced here ({broken.skipped})"
    elif broken.faults:
        what = "NOT PROVEN: " + "; ".join(broken.faults)
    else:
        what = "red: " + ", ".join(broken.red)
    return f"{broken.requirement} «{broken.name}»: {what} ({broken.seconds:.1f} s)"
