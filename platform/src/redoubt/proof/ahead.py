"""Facts of many broken copies by one run, where a run for each would cost most of its time in starting.

What is not found here is computed by the broken copy itself, so a run that fails costs time only.
"""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from redoubt.proof import children, facts, sabotage, workers
from redoubt.proof.facts import Fact
from redoubt.proof.rooms import Answer
from redoubt.proof.runs import Case, Place

MOST = 12  # copies in one run: what is started for it is then little, and so is its memory
AT_ONCE = 2  # runs, however many cores there are: each may take two gigabytes
SECONDS = 600.0


def tasks(place: Place, cases: Sequence[Case]) -> Iterator[workers.Task]:
    """Yield the tasks that fill ``place.ahead`` with facts of the copies that these cases break."""
    declared = _declared(place.root)
    for fact in declared.values():
        if fact.together:
            touched = [
                case for case in cases
                if _touches(case, fact) and fact.name in _asked(case, declared)
            ]  # fmt: skip
            for number, first in enumerate(range(0, len(touched), MOST), 1):
                yield _task(place, fact, touched[first : first + MOST], number)


def _declared(root: Path) -> dict[str, Fact]:
    return facts.declared(root / "controls" / "facts")


def _touches(case: Case, fact: Fact) -> bool:
    item = case.item
    return not isinstance(item, Answer) and any(
        fnmatch.fnmatch(item.path, glob) for glob in fact.reads
    )


def _asked(case: Case, declared: dict[str, Fact]) -> set[str]:
    """Return the facts that the tests of a case ask for, and those that these need."""
    found: set[str] = set()
    todo = {name for test in case.tests for name in case.room.asks[test]}
    while todo:
        fact = declared.get(todo.pop())
        if fact is not None and fact.name not in found:
            found.add(fact.name)
            todo |= set(fact.needs)
    return found


def _task(place: Place, fact: Fact, cases: Sequence[Case], number: int) -> workers.Task:
    def run(scratch: Path) -> None:
        children.enter(place.root, place.root)
        copies = dict(_copies(place, fact, cases, scratch))
        together = fact.function("together")
        needs = _Needs(place.root)
        for root in together(**{name: needs.get(name) for name in fact.needs}, copies=copies):
            facts.finish(copies[root].parent)

    return workers.Task(run, SECONDS, place.out / f"{fact.name}-together-{number:02d}.log")


def _copies(
    place: Place, fact: Fact, cases: Sequence[Case], scratch: Path
) -> Iterator[tuple[Path, Path]]:
    """Yield for each case a folder with what the fact reads of a broken copy, and where to fill it in."""
    if place.ahead is None or place.seed is None:
        return
    project, taken = sabotage.copy_project(place.seed, scratch / "project"), set[Path]()
    for case in cases:
        root, item = scratch / case.name, case.item
        if isinstance(item, Answer):
            continue
        try:
            with sabotage.applied(item, project):
                entry = place.ahead / facts.Store(project, _declared(project)).entry(fact.name)
                for path in {p for glob in fact.reads for p in facts.matched(project, glob)}:
                    target = root / path.relative_to(project)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)
        except sabotage.NotApplicable:
            continue  # what proves it says so
        if entry not in taken:
            (entry / "work").mkdir(parents=True, exist_ok=True)
            taken.add(entry)
            yield root, entry / "work"


class _Needs:
    """The facts of the project itself, of which those on disk stand since its rooms were green."""

    def __init__(self, root: Path) -> None:
        self.root, self.store = root, facts.Store(root, _declared(root))
        self._open: list[Iterator[Any]] = []

    def get(self, name: str) -> Any:
        """Return a fact's value; what it started lives as long as this."""
        if name == "root":
            return self.root
        self._open.append(facts.value(self.store.facts[name], self.store, self.get))
        return next(self._open[-1])
