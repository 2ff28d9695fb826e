"""Helpers of every test here: an isolated home, the template as a throw-away clone, and renders."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml

from redoubt.infra import terraform

REPOSITORY = Path(__file__).resolve().parent.parent
ANSWERS = REPOSITORY / "tests" / "answers"
GIT_CONFIG = """\
[user]
    name = Test
    email = test@example.invalid
[init]
    defaultBranch = main
[commit]
    gpgsign = false
[advice]
    detachedHead = false
"""
Render = Callable[..., Path]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the session a home and a git configuration of its own; keep the package caches."""
    real, folder = Path.home(), tmp_path_factory.mktemp("home")
    (folder / ".gitconfig").write_text(GIT_CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("REDOUBT_", "GIT_"))]:
            patch.delenv(name)
        patch.setenv("HOME", str(folder))
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / ".gitconfig"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("OMP_NUM_THREADS", "1")
        _keep(patch, "UV_CACHE_DIR", real / ".cache" / "uv")
        _keep(patch, "UV_CONFIG_FILE", real / ".config" / "uv" / "uv.toml")
        _keep(patch, "PIP_CONFIG_FILE", real / ".config" / "pip" / "pip.conf")
        yield folder


def _keep(patch: pytest.MonkeyPatch, name: str, path: Path) -> None:
    if name not in os.environ and path.exists():
        patch.setenv(name, str(path))


@pytest.fixture(scope="session", autouse=True)
def mirror(home: Path) -> Iterator[None]:
    """Name the Terraform provider's mirror of this machine, wherever it lies."""
    with pytest.MonkeyPatch.context() as patch:
        if terraform.mirror() is None:
            found = next(iter(sorted(Path("/").glob(f"*/*/{terraform.PROVIDER}"))), None)
            if found is not None:
                patch.setenv(terraform.MIRROR, str(found.parents[2]))
        yield


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return this repository's root. Read only."""
    return REPOSITORY


@pytest.fixture(scope="session")
def version() -> str:
    """Return the platform's version, which equals the release's tag without its ``v``."""
    text = (REPOSITORY / "platform" / "pyproject.toml").read_text()
    return str(tomllib.loads(text)["project"]["version"])


@pytest.fixture(scope="session")
def run(home: Path) -> Run:
    """Return ``run(*command, cwd=…, check=True)``: text output, a failure shows both streams."""

    def call(*command: str | Path, cwd: Path, check: bool = True, **options: Any) -> Any:
        words = [str(word) for word in command]
        done = subprocess.run(
            words, cwd=cwd, text=True, capture_output=True, check=False, **options
        )
        if check and done.returncode != 0:
            pytest.fail(f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    return call


@pytest.fixture(scope="session")
def clone(run: Run) -> Callable[[Path], Path]:
    """Return ``clone(folder)``: the working tree as it is now, dirty or not, without its history."""

    def make(folder: Path) -> Path:
        listed = run("git", "ls-files", "-coz", "--exclude-standard", cwd=REPOSITORY).stdout
        for name in filter(None, listed.split("\0")):
            source, target = REPOSITORY / name, folder / name
            if source.is_symlink() or source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)
        run("git", "init", "-q", cwd=folder)
        return folder

    return make


@pytest.fixture(scope="session")
def commit(run: Run) -> Callable[..., None]:
    """Return ``commit(folder, message, tag="")``: everything in the folder, committed."""

    def make(folder: Path, message: str = "chore: save", tag: str = "") -> None:
        if not (folder / ".git").exists():
            run("git", "init", "-q", cwd=folder)
        run("git", "add", "-A", cwd=folder)
        run("git", "commit", "-qm", message, "--allow-empty", cwd=folder)
        if tag:
            run("git", "tag", tag, cwd=folder)

    return make


@pytest.fixture(scope="session")
def release(run: Run, commit: Callable[..., None]) -> Callable[[Path, str], None]:
    """Return ``release(clone, tag)``: the lock of its platform files written, committed, tagged."""

    def make(folder: Path, tag: str) -> None:
        paths = os.environ | {"PYTHONPATH": str(folder / "platform" / "src")}
        # A lock that cannot be written shows in tests/layout, not in every test that renders.
        run(sys.executable, "-m", "redoubt.proof.lock", cwd=folder, env=paths, check=False)
        commit(folder, f"feat: release {tag}", tag=tag)

    return make


@pytest.fixture(scope="session")
def template(
    tmp_path_factory: pytest.TempPathFactory,
    clone: Callable[[Path], Path],
    release: Callable[[Path, str], None],
    version: str,
) -> Path:
    """Return a throw-away clone of the working tree, committed and tagged. Read only."""
    folder = clone(tmp_path_factory.mktemp("template"))
    release(folder, f"v{version}")
    return folder


@pytest.fixture(scope="session")
def answer_sets() -> dict[str, dict[str, Any]]:
    """Return the shared answers by the name of their file."""
    return {path.stem: yaml.safe_load(path.read_text()) or {} for path in ANSWERS.glob("*.yml")}


@pytest.fixture(scope="session")
def render(template: Path) -> Render:
    """Return ``render(folder, source=…, **answers)``: a project, as ``copier copy --defaults``."""

    def make(folder: Path, *, source: Path | None = None, **answers: Any) -> Path:
        copier.run_copy(
            str(source or template), folder, data=answers, defaults=True, quiet=True,
            vcs_ref="HEAD", unsafe=False,
        )  # fmt: skip
        return folder

    return make


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory, render: Render) -> Path:
    """Return the project that ``--defaults`` gives, rendered once. Read only; copy it to edit."""
    return render(tmp_path_factory.mktemp("rendered") / "project")


@pytest.fixture(scope="session")
def kept_facts() -> Path:
    """Return where `controls` leaves the facts that it computed, by digest, for sessions that follow."""
    return REPOSITORY / "var" / "facts"


@pytest.fixture(scope="session")
def redoubt() -> Callable[..., tuple[list[str], dict[str, str]]]:
    """Return ``redoubt(project, *words)``: command and environment that run the project's own copy."""

    def make(project: Path, *words: str) -> tuple[list[str], dict[str, str]]:
        paths = os.pathsep.join((str(project / "platform" / "src"), str(project / "src")))
        code = "import sys; from redoubt.cli import main; sys.argv[0] = 'redoubt'; main()"
        return [sys.executable, "-c", code, *words], os.environ | {"PYTHONPATH": paths}

    return make
