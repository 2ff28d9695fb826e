"""A room that judges a plan says what it lacks; what Terraform refuses is never taken for that."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from redoubt.errors import Refused, Unavailable
from redoubt.infra import terraform
from redoubt.proof import NotEvaluated, children, facts

Planner = Callable[[Path], Callable[[str, Path], None]]


@pytest.fixture
def planner(repository: Path) -> Iterator[Planner]:
    """Return ``planner(root)``: the fact of that name, for a project."""
    found = facts.declared(repository / "controls" / "facts")["planner"].function()
    with mock.patch.dict(os.environ):
        yield lambda root: found(root=root)


def test_without_terraform_the_remedy_is_named(
    planner: Planner, rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotEvaluated, match="terraform is not on the path") as absent:
        planner(rendered)("production", tmp_path)
    assert "install Terraform" in absent.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_the_mirror_of_who_started_it_is_used(
    planner: Planner, rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = {terraform.MIRROR: str(tmp_path / "nowhere")}
    monkeypatch.setenv(children.OUTER, json.dumps(outer))
    with pytest.raises(NotEvaluated, match=r"nowhere.*holds no registry.terraform.io"):
        planner(rendered)("production", tmp_path)


def test_what_terraform_refuses_is_no_gap(
    planner: Planner, rendered: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    shutil.copytree(rendered / "infra", tmp_path / "infra")
    (tmp_path / "infra" / "team.tf").write_text('resource "aws_vpc" {}\n')
    with pytest.raises(Refused, match=r"aws_vpc|labels"):
        planner(tmp_path)("production", tmp_path)


def test_a_provider_out_of_reach_is_a_gap(
    planner: Planner, rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "Error: Failed to query available provider packages"
    plan = "redoubt.infra.sandbox.plan"
    with mock.patch(plan, side_effect=Refused(said, remedy="")), pytest.raises(NotEvaluated):
        planner(rendered)("production", tmp_path)
    for error in (Unavailable("gone", remedy=""), Refused("Error: other", remedy="")):
        wanted: Any = NotEvaluated if isinstance(error, Unavailable) else Refused
        with mock.patch(plan, side_effect=error), pytest.raises(wanted):
            planner(rendered)("production", tmp_path)


@pytest.fixture
def pristine(rendered: Path, whole: Path, tmp_path: Path) -> tuple[Path, str]:
    """Return a project whose plan of production is kept, and what the folder of that fact is called."""
    root = tmp_path / "home"
    shutil.copytree(rendered, root)
    store = facts.Store(root, facts.declared(root / "controls" / "facts"))
    entry = store.entry("plan_production")
    shutil.copytree(whole, store.own / entry / "work")
    facts.finish(store.own / entry)
    return root, entry


def test_copies_broken_in_modules_or_roots_are_planned_and_one_that_cannot_be_is_left_out(
    planner: Any, pristine: tuple[Path, str], tmp_path: Path
) -> None:
    root, entry = pristine
    team = 'resource "aws_sns_topic" "team" {\n  name = "%s"\n}\n'
    breaks = {
        "module": ("modules/keys/keys.tf", "\n# changed\n"),
        "root": ("team.tf", team % "team"),
        "other root": ("own.tf", team.replace('"team"', '"own"') % "own"),
        "refused": ("team.tf", team % "${local.nothing}"),
        "settings": ("terraform.tf", "\n# changed\n"),
    }
    works = {}
    for name, (path, text) in breaks.items():
        folder = tmp_path / "copies" / name
        shutil.copytree(root / "infra", folder / "infra")
        with (folder / "infra" / path).open("a") as stream:
            stream.write(text)
        works[folder] = tmp_path / "works" / name / entry / "work"
        works[folder].mkdir(parents=True)
    filled = {one.name for one in planner(root).together(("production",), works)}
    assert filled == {"module", "root", "other root"}
    plans = {folder.name: work / "production.json" for folder, work in works.items()}
    assert {name for name, path in plans.items() if path.exists()} == filled
    own = {
        name: [item["address"] for item in json.loads(plans[name].read_text())["resource_changes"]
               if item["address"].startswith("aws_sns_topic.")] for name in filled
    }  # fmt: skip
    assert own == {
        "module": [],
        "root": ["aws_sns_topic.team"],
        "other root": ["aws_sns_topic.own"],
    }
