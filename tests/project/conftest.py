"""A rendered project with environments of its own, made once for all tests of this folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., "subprocess.CompletedProcess[str]"]
LEFT_BEHIND = ("VIRTUAL_ENV", "PYTHONPATH", "PYTEST_CURRENT_TEST", "CI")


@pytest.fixture(scope="session")
def environ(home: Path) -> dict[str, str]:
    """Return what a person's shell holds: nothing of this test session."""
    return {name: value for name, value in os.environ.items() if name not in LEFT_BEHIND}


@pytest.fixture(scope="session")
def command(environ: dict[str, str]) -> Command:
    """Return ``command(*words, cwd=…, code=0, **variables)``: a failure shows what was said."""

    def call(*words: str | Path, cwd: Path, code: int = 0, **variables: str) -> Any:
        done = subprocess.run(
            [str(word) for word in words], cwd=cwd, env=environ | variables, text=True,
            capture_output=True, check=False, timeout=600,
        )  # fmt: skip
        assert done.returncode == code, (done.stdout + done.stderr)[-4000:]
        return done

    return call


@pytest.fixture(scope="session")
def nox() -> str:
    """Return the nox of this test session's environment."""
    return str(Path(sys.executable).parent / "nox")


@pytest.fixture(scope="session")
def project(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a rendered project whose environments its own noxfile makes. Add nothing to it."""
    folder = tmp_path_factory.mktemp("project") / "credit"
    shutil.copytree(rendered, folder, symlinks=True)
    return folder


@pytest.fixture(scope="session")
def made(project: Path, nox: str, command: Command) -> Path:
    """Return the project after its first session, which made `.venv/work` and `.venv/serve`."""
    done = command(nox, "-s", "verify", "--", "--help", cwd=project)
    assert "Making .venv/work" in done.stderr
    assert "Making .venv/serve" in done.stderr
    return project
