"""One list says who owns a path; everything else agrees with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pathspec import PathSpec

from redoubt.proof import lock

UPDATE = re.compile(r"\{% if _copier_operation == 'update' %\}(.+)\{% endif %\}")
RELEASED = "controls/proof.json"  # written when a release is proven, so it may not be there yet
RowOf = Callable[[str], Any]


@pytest.fixture(scope="session")
def kept(repository: Path) -> list[str]:
    """Return what copier.yml leaves alone on an update."""
    found = UPDATE.findall((repository / "copier.yml").read_text())
    return [pattern.replace("{{ package_name }}", "credit_default") for pattern in found]


def test_every_rendered_path_has_an_owner(paths: tuple[str, ...], row_of: RowOf) -> None:
    assert [path for path in paths if row_of(path) is None] == []


def test_every_row_is_well_formed(rows: tuple[Any, ...]) -> None:
    reviewers = {"model", "platform", "security", "validators"}
    assert len({row.path for row in rows}) == len(rows)
    for row in rows:
        assert row.owner in ("P", "T"), row
        assert row.reviewers in reviewers, row
        assert row.path.startswith("/"), row


def test_only_rows_without_a_file_are_later(
    rows: tuple[Any, ...], paths: tuple[str, ...], row_of: RowOf
) -> None:
    decided = {row_of(path) for path in (*paths, RELEASED)}
    assert [row.path for row in rows if row.later == (row in decided)] == []


def test_an_update_keeps_the_team_paths_and_no_other(
    paths: tuple[str, ...], row_of: RowOf, kept: list[str]
) -> None:
    spec = PathSpec.from_lines("gitignore", kept)
    assert {p for p in paths if row_of(p).owner == "T"} == set(spec.match_files(paths))


def test_an_update_keeps_what_a_later_row_reserves(rows: tuple[Any, ...], kept: list[str]) -> None:
    team = {row.path.replace("{{ package_name }}", "credit_default") for row in rows
            if row.owner == "T"}  # fmt: skip
    assert {pattern.removesuffix("**") for pattern in kept} == team


def test_codeowners_asks_whom_the_list_names(
    rendered: Path, paths: tuple[str, ...], row_of: RowOf
) -> None:
    teams = yaml.safe_load((rendered / "project.yml").read_text())["teams"]
    lines = [line.split() for line in (rendered / "CODEOWNERS").read_text().splitlines()
             if line and not line.startswith("#")]  # fmt: skip
    for path in paths:
        asked = [owner for pattern, owner in lines
                 if PathSpec.from_lines("gitignore", [pattern]).match_file(path)]  # fmt: skip
        assert asked[-1] == f"@example-bank/{teams[row_of(path).reviewers]}", path


def test_the_lock_holds_every_verbatim_platform_file(
    rendered: Path, paths: tuple[str, ...], row_of: RowOf
) -> None:
    locked = set(json.loads((rendered / "controls" / "lock.json").read_text())["files"])
    verbatim = {p for p in paths if row_of(p).owner == "P" and not row_of(p).unlocked}
    assert locked == verbatim


def test_only_what_answers_go_into_is_unlocked(repository: Path, rows: tuple[Any, ...]) -> None:
    marked = {row.path for row in rows if row.unlocked and not row.later}
    template = repository / "template"
    names = {
        path.relative_to(template).as_posix().removesuffix(".jinja")
        for path in lock.below(template)
        if path.suffix == ".jinja"
    }
    made = {name.replace("{{_copier_conf.answers_file}}", ".copier-answers.yml") for name in names}
    assert marked == {f"/{name}" for name in made - {"README.md"}} | {
        "/controls/lock.json",
        f"/{RELEASED}",
    }
