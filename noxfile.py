"""Every check of this repository by name. Plain `nox` is what `.ci/run` runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "platform" / "src"))

from redoubt.errors import RedoubtError  # noqa: E402  (found by the line above)
from redoubt.workshop import environments, indexes, pins  # noqa: E402

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "docs", "tests", "controls", "update"]
PROJECT = ROOT / "template" / "requirements"
APART = tuple(f"--ignore=tests/{name}" for name in ("proof", "update"))
# Else every process that a check starts compiles its libraries anew, ten seconds each.
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
CODE = ("platform", "controls", "template", "tests", "docs", "requirements", "noxfile.py",
        "start.py")  # fmt: skip


def run(session: nox.Session, name: str, *words: str, **extra: str) -> None:
    """Run a command in this repository's one environment, `.venv/dev`, in step with its pins."""
    try:
        folder = environments.ensure(ROOT, "dev", session.log).parent
    except RedoubtError as error:
        session.error(str(error))
    path = os.pathsep.join((str(folder), os.environ.get("PATH", os.defpath)))
    source = str(ROOT / "platform" / "src")
    fixed = indexes.defaults(os.environ) | {"PATH": path, "PYTHONPATH": source} | COMPILED
    session.run(str(folder / name), *words, env=fixed | extra, external=True)


def pytest(session: nox.Session, *arguments: str, processes: int = 2) -> None:
    """Run pytest on both cores, showing what is slow."""
    shared = ("-n", str(processes), "--dist", "loadgroup", "--durations=8")
    run(session, "pytest", *shared, *arguments, *session.posargs)


def scanner(session: nox.Session) -> None:
    """Make the environment of the scanner, which stands apart: it pins what the work needs newer."""
    try:
        environments.ensure(ROOT, "scan", session.log)
    except RedoubtError as error:
        session.error(str(error))


@nox.session(tags=["quick"])
def lint(session: nox.Session) -> None:
    """Check style, types and import contracts."""
    run(session, "ruff", "check", *CODE)
    run(session, "ruff", "format", "--check", *CODE)
    run(session, "python", "-m", "tests.lint.rooms", "platform/src/redoubt")
    run(session, "lint-imports")


@nox.session(tags=["quick"], default=False)
def unit(session: nox.Session) -> None:
    """Run the fast tests: the platform package, questions and rendering."""
    pytest(session, "tests", "-m", "not slow", *APART, "--ignore=tests/infra")


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests, those of the private cloud among them, except what is proven and updated."""
    scanner(session)
    # One process more than cores: to apply a cloud to the emulator is mostly to wait.
    pytest(session, "tests", *APART, processes=3)


@nox.session(default=False)
def infra(session: nox.Session) -> None:
    """Check the private cloud alone: form, modules, plans, scans, and an apply to an emulator."""
    scanner(session)
    pytest(session, "tests/infra", processes=3)


@nox.session
def controls(session: nox.Session) -> None:
    """Prove every control both ways, in one process and its children; beside it, test the proof."""
    pytest(session, "tests/proof")


@nox.session
def update(session: nox.Session) -> None:
    """Take projects from older versions to this one."""
    pytest(session, "tests/update")


@nox.session
def docs(session: nox.Session) -> None:
    """Check that generated pages are current; `-- --write` writes them, lock and register.

    What the pages tell people to run is run in `tests`, beside all else: it takes minutes alone.
    """
    if session.posargs == ["--write"]:
        run(session, "python", "docs/generate.py")
        run(session, "python", "-m", "redoubt.proof.lock")
        return
    run(session, "python", "docs/generate.py", "--check")


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure and write docs/reference/benchmarks.md."""
    run(session, "python", "-m", "tests.bench", *session.posargs)


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Render a project into a folder and run its demo: `nox -s demo -- ~/credit`."""
    if not session.posargs:
        session.error("say where: nox -s demo -- ~/credit")
    place = Path(session.posargs[0]).expanduser().resolve()
    boot = Path(sys.executable).parent
    if not (place / "project.yml").exists():
        if place.exists() and any(place.iterdir()):
            session.error(f"{place} is not empty and holds no Redoubt project; name another folder")
        session.run(
            str(boot / "copier"), "copy", "--defaults", "--quiet", "--vcs-ref", "HEAD",
            str(ROOT), str(place), external=True,
        )  # fmt: skip
    session.run(
        str(boot / "nox"), "--noxfile", str(place / "noxfile.py"), "-s", "demo", external=True
    )


@nox.session(default=False)
def pin(session: nox.Session) -> None:
    """Compile every requirement file anew; `-- --upgrade` takes the newest versions."""
    uv, environ = environments.find_uv(), indexes.uv_environment(os.environ)
    here, keep = ROOT / "requirements", "--upgrade" not in session.posargs
    everything = here / "dev.txt"
    targets = [here / "dev.in", here / "boot.in", here / "source.in", here / "scan.in"]
    names = ("train", "serve", "infra", "dev", "build", "boot")
    targets += [PROJECT / f"{name}.in" for name in names]
    for source in targets:
        target = source.with_suffix(".txt")
        alone = source.parent == here and source.name in ("dev.in", "scan.in")
        constraints = [] if alone else [everything]
        text = pins.resolve(
            uv, source, constraints=constraints, environment=environ,
            previous=target if keep else None,
        )  # fmt: skip
        pins.write(source, target, text, by="nox -s pin")
        session.log(f"{target.relative_to(ROOT)}: {len(pins.blocks(text))} pins")
    session.run(sys.executable, str(here / "measure.py"), external=True)
