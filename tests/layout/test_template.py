"""The template stays thin: few Jinja files, no code that runs while rendering, clean links."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

FORBIDDEN = {"_tasks", "_migrations", "_jinja_extensions", "_secret_questions", "_skip_if_exists"}
JUNK = re.compile(r"(^|/)(__pycache__|\.git|\.venv|\.nox|\.\w+_cache|var)(/|$)|\.py[co]$|~$")


@pytest.fixture(scope="session")
def entries(template: Path) -> list[Path]:
    """Return everything in the folder that is rendered, links followed."""
    return [
        Path(folder) / name
        for folder, folders, names in os.walk(template / "template", followlinks=True)
        for name in (*folders, *names)
    ]


def test_few_files_are_rendered(entries: list[Path]) -> None:
    assert len([path for path in entries if path.name.endswith(".jinja")]) <= 16


def test_a_rendered_file_holds_little_logic(entries: list[Path]) -> None:
    for path in entries:
        if path.name.endswith(".jinja"):
            assert path.read_text().count("{%") <= 5, path


def test_no_python_is_rendered(entries: list[Path]) -> None:
    assert [path for path in entries if path.name.endswith((".py.jinja", ".pyi.jinja"))] == []


def test_rendering_runs_nothing(template: Path) -> None:
    keys = set(re.findall(r"^(_\w+):", (template / "copier.yml").read_text(), re.MULTILINE))
    assert keys & FORBIDDEN == set()
    included = yaml.safe_load((template / "reserved-names.yml").read_text())
    assert not [name for name in included if name.startswith("_")]


def test_every_link_stays_inside_the_repository(template: Path) -> None:
    links = [path for path in template.rglob("*") if path.is_symlink()]
    assert links
    for link in links:
        assert not os.path.isabs(os.readlink(link)), link
        assert link.resolve(strict=True).is_relative_to(template), link


def test_names_can_be_checked_out_everywhere(entries: list[Path]) -> None:
    assert [path for path in entries if set(path.name) & set('"<>|?*:\\')] == []


def test_no_junk_is_rendered(rendered: Path) -> None:
    paths = [path.relative_to(rendered).as_posix() for path in rendered.rglob("*")]
    assert [path for path in paths if JUNK.search(path)] == []
    assert not [path for path in rendered.rglob("*") if path.is_symlink()]


def test_the_answers_file_names_no_hidden_answer(rendered: Path) -> None:
    answers: dict[str, Any] = yaml.safe_load((rendered / ".copier-answers.yml").read_text())
    assert not {"tier", "computed_tier", "reserved_imports", "unprintable"} & set(answers)


def test_the_tag_is_the_platforms_version(rendered: Path, version: str) -> None:
    answers = yaml.safe_load((rendered / ".copier-answers.yml").read_text())
    assert answers["_commit"] == f"v{version}"
