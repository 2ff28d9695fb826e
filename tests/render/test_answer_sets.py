"""Each set of answers gives a project whose facts are what its name says."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from redoubt import project
from redoubt.governance import tiering

SETS = sorted(path.stem for path in (Path(__file__).parent.parent / "answers").glob("*.yml"))
Rendered = Callable[[str], Path]


@pytest.mark.parametrize("name", SETS)
def test_a_set_renders_a_project_that_redoubt_reads(rendered_set: Rendered, name: str) -> None:
    found = project.load(rendered_set(name))
    assert found.rendered_tier == found.tier
    if name.startswith("tier-"):
        assert found.tier == int(name.split("-")[1])
        assert (found.override is not None) == ("raised" in name)


@pytest.mark.parametrize("name", SETS)
def test_what_was_answered_is_what_the_project_says(
    rendered_set: Rendered, answer_sets: dict[str, dict[str, Any]], name: str
) -> None:
    stored = yaml.safe_load((rendered_set(name) / ".copier-answers.yml").read_text())
    assert answer_sets[name].items() <= stored.items()


@pytest.mark.parametrize("name", SETS)
def test_rendered_files_parse(rendered_set: Rendered, name: str) -> None:
    root = rendered_set(name)
    for path in root.rglob("*.toml"):
        tomllib.loads(path.read_text())
    for path in (*root.glob("*.yml"), *root.glob("conf/*.yml"), *root.glob("controls/*.yml")):
        yaml.safe_load(path.read_text())
    for path in (root / "project.yml", root / "README.md", root / "CODEOWNERS"):
        assert "{%" not in path.read_text()
        assert "}}" not in path.read_text()


def test_sets_cover_every_pair_of_tier_jurisdiction_and_python(
    answer_sets: dict[str, dict[str, Any]], rendered_set: Rendered
) -> None:
    seen: list[tuple[Any, ...]] = []
    for name in answer_sets:
        found = project.load(rendered_set(name))
        places = "eu" in found.jurisdictions, len(found.jurisdictions) > 1
        seen.append((found.tier, places, found.python))
    for left, right in itertools.combinations(range(3), 2):
        wanted = set(itertools.product({s[left] for s in seen}, {s[right] for s in seen}))
        assert wanted == {(s[left], s[right]) for s in seen}


def test_the_eu_class_follows_facts_and_place_alone(rendered_set: Rendered) -> None:
    classes = {}
    for name in SETS:
        found = project.load(rendered_set(name))
        classes[name] = tiering.ai_act_class(found.use_case, found.facts, found.jurisdictions)
    assert classes["tier-2-everywhere-automatic"] == "high-risk:annex-iii-5b"
    assert classes["tier-1-raised-outside-eu"] == "not-applicable"
    assert classes["tier-2-eu-apostrophe"] == "not-high-risk"
