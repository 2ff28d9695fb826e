"""Starter files are offered where they are missing and never overwrite anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from redoubt.errors import BadInput
from redoubt.workshop import scaffold

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.redoubt]\nmodel = "mine.model:MODEL"\n')
    return tmp_path


def test_an_empty_project_is_offered_model_tests_and_extension_points(project: Path) -> None:
    offered = scaffold.missing(project, "pd")
    assert {"src/mine/recipe.py", "noxfile_team.py", "requirements/team.in", "conf/gates.yml",
            "tests/conftest.py"} <= set(offered)  # fmt: skip


def test_what_is_there_is_neither_offered_nor_touched(project: Path) -> None:
    (project / "conf").mkdir()
    (project / "conf" / "gates.yml").write_text("mine\n")
    assert "conf/gates.yml" not in scaffold.missing(project, "pd")
    with pytest.raises(BadInput, match="exists already"):
        scaffold.add(project, "pd", ["noxfile_team.py", "conf/gates.yml"])
    assert (project / "conf" / "gates.yml").read_text() == "mine\n"
    assert not (project / "noxfile_team.py").exists(), "all or nothing"


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "conf/nothing.yml"])
def test_only_what_is_offered_can_be_added(project: Path, path: str) -> None:
    with pytest.raises(BadInput, match="no starter file"):
        scaffold.add(project, "pd", [path])


def test_an_added_file_equals_the_starter(project: Path) -> None:
    (path,) = scaffold.add(project, "pd", ["noxfile_team.py"])
    assert path.read_text() == (ROOT / "template" / "noxfile_team.py").read_text()


def test_every_starter_of_the_template_can_be_scaffolded_later(project: Path) -> None:
    """A new starter file never reaches an old project by update, so scaffold must offer it."""
    linked = ["noxfile_team.py", "conf", "tests", "requirements/team.in", "requirements/team.txt"]
    starters = ROOT / "platform" / "src" / "redoubt" / "workshop" / "starters"
    for name in linked:
        assert (ROOT / "template" / name).resolve() == starters / name
