"""`nox -s X` is the locked environment plus `redoubt X`; a team's sessions stand beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer.main

from redoubt.cli import app

Command = Callable[..., Any]
WITHOUT_A_VERB = {"lint", "tests"}
SESSIONS = {"lint", "tests", "verify", "prove", "evidence", "demo"}
LISTED = re.compile(r"^[*-] (\w+)", re.MULTILINE)


def listed(nox: str, folder: Path, command: Command) -> list[str]:
    return LISTED.findall(command(nox, "--list", cwd=folder).stdout)


def test_every_session_is_a_verb_of_the_command_line(
    nox: str, project: Path, command: Command
) -> None:
    names = set(listed(nox, project, command))
    verbs = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert names == SESSIONS
    assert names - WITHOUT_A_VERB <= verbs


def test_a_session_runs_the_verb_of_its_name(repository: Path) -> None:
    tree = ast.parse((repository / "template" / "noxfile.py").read_text())
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for name in SESSIONS - WITHOUT_A_VERB:
        assert f"'redoubt', '{name}'" in ast.unparse(functions[name])


def test_the_entry_of_ci_runs_lint_tests_and_verify_strictly(repository: Path) -> None:
    text = (repository / "template" / "ci" / "run").read_text()
    assert "set -- -s lint tests verify" in text
    assert 'export CI="${CI:-true}"' in text


def test_a_session_of_the_team_stands_beside_the_platforms(
    nox: str, rendered: Path, tmp_path: Path, command: Command
) -> None:
    folder = copy(rendered, tmp_path, "@nox.session\ndef notebooks(session): ...\n")
    assert set(listed(nox, folder, command)) == SESSIONS | {"notebooks"}


@pytest.mark.parametrize("name", sorted(SESSIONS))
def test_a_team_cannot_replace_a_session_of_the_platform(
    nox: str, rendered: Path, tmp_path: Path, command: Command, name: str
) -> None:
    folder = copy(rendered, tmp_path, f"@nox.session\ndef {name}(session): ...\n")
    done = command(nox, "--list", cwd=folder, code=1)
    assert f"noxfile_team.py defines {name}, which the platform owns" in done.stderr


def test_a_project_without_sessions_of_its_own_works(
    nox: str, rendered: Path, tmp_path: Path, command: Command
) -> None:
    folder = copy(rendered, tmp_path, "")
    (folder / "noxfile_team.py").unlink()
    assert set(listed(nox, folder, command)) == SESSIONS


def copy(rendered: Path, tmp_path: Path, sessions: str) -> Path:
    """Copy what nox reads of a project, with these sessions of the team."""
    (tmp_path / "platform").symlink_to(rendered / "platform")
    (tmp_path / "noxfile.py").write_bytes((rendered / "noxfile.py").read_bytes())
    (tmp_path / "noxfile_team.py").write_text(f"import nox\n\n\n{sessions}")
    return tmp_path
