"""Tasks for the workers: a room on a project, a room on a broken copy, what else a break broke."""

from __future__ import annotations

import importlib
import json
import pkgutil
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from redoubt.errors import Unavailable
from redoubt.proof import children, judge, sabotage, workers
from redoubt.proof.rooms import Break, Requirement, Room

OTHERS_SECONDS = 240.0


@dataclass(frozen=True)
class Place:
    """Where rooms run: the pristine project, what it is copied from, and where this run's results go."""

    root: Path
    out: Path
    seed: Path | None = None
    deep: bool = False
    reference: bool = False
    model: str = ""


def pristine(place: Place, room: Room, tests: tuple[str, ...]) -> workers.Task:
    """Return the task that runs tests of a room on the project itself."""
    verify = place.root / room.verify.relative_to(place.root)

    def run(scratch: Path) -> None:
        children.enter(
            place.root, place.root, deep=place.deep, reference=place.reference, model=place.model
        )
        judge.run(verify, tests, _lines(place, room.id), scratch)

    return _task(place, room.id, room.control.seconds, run)


@dataclass(frozen=True)
class Case:
    """One sabotage of one requirement; ``name`` is that of its result files."""

    room: Room
    requirement: Requirement
    item: Break
    name: str

    @property
    def tests(self) -> tuple[str, ...]:
        """Return the tests that must notice."""
        return self.room.tests_of(self.requirement.id)


def broken(place: Place, case: Case, rendered: Callable[[Path], Path] | None) -> workers.Task:
    """Return the task that applies one sabotage to a copy and runs the tests that must notice.

    Of a quiet one it is said first what else it broke, for :func:`faults`.
    """

    def run(scratch: Path) -> None:
        target, change = scratch / "project", None
        if rendered is not None:
            _same_code(rendered(target), place.root)
        else:
            sabotage.copy_project(place.seed or place.root, target)
            change = sabotage.apply(case.item, target)
        children.enter(target, place.root, reference=place.reference)
        if case.item.quiet:
            _say_what_else(place, case.name, target, change)
        verify = target / case.room.verify.relative_to(place.root)
        judge.run(verify, case.tests, _lines(place, case.name), scratch)

    _lines(place, _others(case.name)).unlink(missing_ok=True)
    seconds = case.room.control.seconds + (OTHERS_SECONDS if case.item.quiet else 0)
    return _task(place, case.name, seconds, run)


def _same_code(rendered: Path, root: Path) -> None:
    """Let a new render differ by its answer only: the template may be of another release."""
    for name in ("controls", "platform"):
        shutil.rmtree(rendered / name)
        shutil.copytree(root / name, rendered / name, symlinks=True)


def unbroken(place: Place, name: str) -> workers.Task:
    """Return the task that says whether a plain copy imports and passes the team's tests."""

    def run(scratch: Path) -> None:
        target = sabotage.copy_project(place.seed or place.root, scratch / "project")
        children.enter(target, place.root)
        _say_what_else(place, name, target, None)

    _lines(place, _others(name)).unlink(missing_ok=True)
    return _task(place, name, OTHERS_SECONDS, run)


def _say_what_else(place: Place, name: str, target: Path, change: sabotage.Change | None) -> None:
    """Write whether a copy still lints, imports and passes the team's tests, those in a child."""
    found = _lint(target, change.path) if change else []
    found = found or _imports(target)
    if not found:
        path = _lines(place, _others(name))
        own = workers.Task(
            lambda scratch: _write(path, _own_tests(target, scratch)),
            OTHERS_SECONDS, _log(place, _others(name)),
        )  # fmt: skip
        found = [
            f"the project's tests: {ended.why}" for ended in workers.run_all([own], 1) if ended.why
        ]
        if not found:
            return
    _write(_lines(place, _others(name)), found)


def _write(path: Path, found: list[str]) -> None:
    path.write_text(json.dumps(found))


def _others(name: str) -> str:
    return f"{name}-others"


def _lines(place: Place, name: str) -> Path:
    return place.out / f"{name}.jsonl"


def _task(place: Place, name: str, seconds: float, run: Callable[[Path], None]) -> workers.Task:
    """Return a task whose results file starts empty: an earlier run's lines prove nothing."""
    _lines(place, name).unlink(missing_ok=True)
    return workers.Task(run, seconds, _log(place, name))


def _log(place: Place, name: str) -> Path:
    return place.out / f"{name}.log"


def results(place: Place, name: str, tests: tuple[str, ...], why: str) -> dict[str, judge.Tested]:
    """Return how the tests of a finished task ended; its log explains what cut it short."""
    if why and not why.startswith("time-out"):
        log = _log(place, name)
        lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        why = f"{why}: {lines[-1]}" if lines else why
    return judge.read(_lines(place, name), tests, why)


def faults(place: Place, name: str, why: str) -> list[str]:
    """Return what else is broken in the copy of a finished task, or why nobody can say."""
    path = _lines(place, _others(name))
    return list(json.loads(path.read_text())) if path.exists() else [why or "no result"]


def _lint(target: Path, name: str) -> list[str]:
    if not name.endswith(".py"):
        return []
    ruff = Path(sysconfig.get_path("scripts")) / "ruff"
    if not ruff.exists():
        raise Unavailable("ruff is not installed here.", remedy="prove in the work environment")
    done = subprocess.run(
        [str(ruff), "check", "--no-cache", "--quiet", name], cwd=target, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    return [f"ruff: {done.stdout.strip()}"] if done.returncode else []


def _imports(target: Path) -> list[str]:
    found = []
    package: Any = importlib.import_module("redoubt")
    if not Path(package.__file__).is_relative_to(target):
        return [f"the copy imports {package.__file__}, not its own files"]
    for module in pkgutil.walk_packages(package.__path__, "redoubt."):
        try:
            importlib.import_module(module.name)
        except Exception as error:  # any failure to import is what is asked for here
            found.append(f"import {module.name}: {type(error).__name__}: {error}")
    return found


class _Failures:
    """A pytest plugin that keeps the names of failing tests."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failing phase."""
        if report.failed:
            lines = report.longreprtext.strip().splitlines()
            said = [line[2:].strip() for line in lines if line.startswith("E ")] or lines[-1:]
            self.names.append(f"{report.nodeid}: {said[0] if said else 'failed'}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what cannot be collected."""
        if report.failed:
            self.names.append(f"{report.nodeid} cannot be collected")


def _own_tests(target: Path, scratch: Path) -> list[str]:
    if not (target / "tests").is_dir():
        return []
    plugin = _Failures()
    sys.path_importer_cache.clear()
    pytest.main(
        ["-q", "-x", "-p", "no:cacheprovider", f"--basetemp={scratch / 'own'}", "-W", "ignore", "tests"],
        plugins=[plugin],
    )  # fmt: skip
    return [f"the project's test {name}" for name in plugin.names]
