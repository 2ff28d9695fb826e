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
    ahead: Path | None = None
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
    """Return the task that applies one sabotage to a copy and runs the tests that must notice."""

    def run(scratch: Path) -> None:
        target = scratch / "project"
        if rendered is not None:
            _same_code(rendered(target), place.root)
        else:
            sabotage.copy_project(place.seed or place.root, target)
            sabotage.apply(case.item, target)
        children.enter(target, place.root, reference=place.reference, ahead=place.ahead)
        verify = target / case.room.verify.relative_to(place.root)
        judge.run(verify, case.tests, _lines(place, case.name), scratch)

    return _task(place, case.name, case.room.control.seconds, run)


def _same_code(rendered: Path, root: Path) -> None:
    """Let a new render differ by its answer only: the template may be of another release."""
    for name in ("controls", "platform"):
        shutil.rmtree(rendered / name)
        shutil.copytree(
            root / name, rendered / name, symlinks=True, ignore=sabotage.compiled_by_pytest
        )


def others(place: Place, item: Break | None, name: str) -> workers.Task:
    """Return the task that says whether a copy still imports, lints and passes the team's tests."""

    def run(scratch: Path) -> None:
        target = sabotage.copy_project(place.seed or place.root, scratch / "project")
        change = sabotage.apply(item, target) if item else None
        faults = _lint(target, change.path) if change else []
        children.enter(target, place.root)
        faults = faults or _imports(target) or _own_tests(target, scratch)
        _lines(place, name).write_text(json.dumps(faults))

    return _task(place, name, OTHERS_SECONDS, run)


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
    """Return what a finished :func:`others` task found wrong."""
    path = _lines(place, name)
    return list(json.loads(path.read_text())) if path.exists() and not why else [why or "no result"]


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
