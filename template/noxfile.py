"""Every check by name. `nox -s X` is the locked environment plus `redoubt X`."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "platform" / "src"))

from redoubt.errors import RedoubtError  # noqa: E402  (found by the line above)
from redoubt.workshop import environments, indexes  # noqa: E402

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "tests", "verify"]
# Else every process that a command starts compiles its libraries anew, ten seconds each.
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
TEAM = ROOT / "noxfile_team.py"


def work(session: nox.Session, name: str, *words: str, serve: bool = False) -> None:
    """Run a command in `.venv/work`, made or brought in step with its requirement files first."""
    try:
        folder = environments.ensure(ROOT, "work", session.log).parent
        if serve:
            environments.ensure(ROOT, "serve", session.log)
    except RedoubtError as error:
        session.error(str(error))
    path = os.pathsep.join((str(folder), os.environ.get("PATH", os.defpath)))
    fixed = indexes.defaults(os.environ) | {"PATH": path} | COMPILED
    session.run(str(folder / name), *words, env=fixed, external=True)


def team_sessions() -> None:
    """Load the team's sessions; a platform session of the same name is not replaced by it."""
    spec = importlib.util.spec_from_file_location(TEAM.stem, TEAM)
    if TEAM.is_file() and spec and spec.loader:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


team_sessions()
THEIRS = set(nox.registry.get())


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and types of the team's code."""
    code = ["src", "tests", *(["noxfile_team.py"] if TEAM.is_file() else [])]
    work(session, "ruff", "check", *code)
    work(session, "ruff", "format", "--check", *code)
    work(session, "mypy", "src")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the team's tests; arguments after `--` go to pytest."""
    work(session, "pytest", "tests", *session.posargs)


@nox.session
def verify(session: nox.Session) -> None:
    """Check every control on this project; where `CI` is set, what is not evaluated fails too."""
    strict = ["--strict"] if os.environ.get("CI") else []
    work(session, "redoubt", "verify", *strict, *session.posargs, serve=True)


@nox.session
def prove(session: nox.Session) -> None:
    """Show that every control's check can fail: `nox -s prove -- GATE-01`."""
    work(session, "redoubt", "prove", *session.posargs, serve=True)


@nox.session
def evidence(session: nox.Session) -> None:
    """Write what a reviewer asks for into `var/evidence`."""
    work(session, "redoubt", "evidence", *session.posargs, serve=True)


@nox.session
def demo(session: nox.Session) -> None:
    """Go from data to a served decision, as two people, in about a minute."""
    for line in environments.costs(ROOT):
        session.log(line)
    work(session, "redoubt", "demo", *session.posargs, serve=True)


if taken := sorted(THEIRS & {"lint", "tests", "verify", "prove", "evidence", "demo"}):
    sys.exit(f"noxfile_team.py defines {', '.join(taken)}, which the platform owns; rename yours.")
