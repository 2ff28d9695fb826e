"""An update brings every platform change and touches no file of the team."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from pathspec import PathSpec

from redoubt import project

MARKERS = ("<<<<<<< ", ">>>>>>> ", "||||||| ")


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


@pytest.fixture(scope="module")
def of_team(repository: Path) -> Callable[[str], bool]:
    """Return ``of_team(path)``: whether the last matching row of ownership.yml says T."""
    rows = yaml.safe_load((repository / "ownership.yml").read_text())["paths"]
    specs = [
        (PathSpec.from_lines("gitignore", [row["path"].replace("{{ package_name }}", "*")]), row)
        for row in rows
    ]

    def find(path: str) -> bool:
        return [row["class"] for spec, row in specs if spec.match_file(path)][-1] == "T"

    return find


@pytest.fixture(scope="module")
def updated(team: Any) -> tuple[Any, dict[str, bytes]]:
    """Return the updated project and what it held before. Read only."""
    before = tree(team.root)
    team.update()
    return team, before


def test_an_update_meets_no_conflict(
    updated: tuple[Any, dict[str, bytes]], run: Callable[..., Any]
) -> None:
    team, _ = updated
    status = run("git", "status", "--porcelain", cwd=team.root).stdout
    unmerged = [line for line in status.splitlines() if "U" in line[:2] or line[:2] in ("AA", "DD")]
    assert status
    assert unmerged == []
    for name, data in tree(team.root).items():
        assert not name.endswith(".rej"), name
        assert not any(
            line.startswith(MARKERS) for line in data.decode(errors="replace").splitlines()
        )


def test_an_update_keeps_every_team_path_as_it_was(
    updated: tuple[Any, dict[str, bytes]], of_team: Callable[[str], bool]
) -> None:
    team, before = updated
    mine = {name: data for name, data in before.items() if of_team(name)}
    assert len(mine) > 12
    assert {name: data for name, data in tree(team.root).items() if of_team(name)} == mine


def test_an_update_equals_a_fresh_render_on_every_platform_path(
    updated: tuple[Any, dict[str, bytes]], of_team: Callable[[str], bool], tmp_path: Path
) -> None:
    team, before = updated
    fresh = tmp_path / "fresh"
    copier.run_copy(
        str(team.template), fresh, data=team.answers, defaults=True, quiet=True,
        vcs_ref=team.tag, unsafe=False,
    )  # fmt: skip
    theirs = {name: data for name, data in tree(fresh).items() if not of_team(name)}
    now = {name: data for name, data in tree(team.root).items() if not of_team(name)}
    assert {name: data for name, data in before.items() if not of_team(name)} != now
    assert sorted(now) == sorted(theirs)
    assert [name for name in now if now[name] != theirs[name]] == []


def test_an_update_carries_each_kind_of_change(updated: tuple[Any, dict[str, bytes]]) -> None:
    team, before = updated
    now, platform = tree(team.root), "platform/src/redoubt"
    assert f"{platform}/sessions.py" in before
    assert not {f"{platform}/sessions.py", f"{platform}/abandoned.py"} & set(now)
    assert f"{platform}/inference.py" in now
    assert b"line-length = 100" in now["ruff.toml"]
    assert b"{1: 90" in now[f"{platform}/policy/release.yml"]
    assert b"jurisdictions" not in before["project.yml"]
    assert project.load(team.root).jurisdictions == ("eu",)
    assert not [name for name in before if name.startswith("controls/GOV-01-")]
    assert [name for name in now if name.startswith("controls/GOV-01-")]


def test_a_new_starter_file_never_reaches_an_old_project(
    updated: tuple[Any, dict[str, bytes]],
) -> None:
    team, _ = updated
    assert not (team.root / "conf" / "sources.yml").exists()
    assert (team.root / "platform/src/redoubt/workshop/starters/conf/sources.yml").exists()


def test_a_deleted_starter_file_stays_deleted(updated: tuple[Any, dict[str, bytes]]) -> None:
    team, _ = updated
    assert not (team.root / "tests" / "test_schema.py").exists()


def test_a_second_update_changes_nothing(
    updated: tuple[Any, dict[str, bytes]], commit: Callable[..., None], tmp_path: Path
) -> None:
    team, _ = updated
    again = replace(team, root=tmp_path / "project")
    shutil.copytree(team.root, again.root)
    commit(again.root, "chore: update the platform")
    once = tree(again.root)
    again.update()
    assert tree(again.root) == once
