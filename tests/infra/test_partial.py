"""A module that is planned alone comes out as in the whole project, and everything else is planned whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from redoubt.errors import Refused
from redoubt.infra import calls, partial
from redoubt.infra.terraform import PROVIDER, Terraform

MODULES = (
    "audit", "backup", "bucket", "container", "execution", "identity", "keys", "network",
    "registry", "secrets", "serving", "storage", "tracking", "training",
)  # fmt: skip
Alone = Callable[..., dict[str, Any] | None]
Changes = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def alone(rendered: Path, whole: Path, tmp_path: Path) -> Alone:
    """Return ``alone(module, infra)``: the plan of a copy in which that module counts as changed."""

    def plan(module: str, infra: Path = rendered / "infra") -> dict[str, Any] | None:
        changed = frozenset({f"modules/{module}"})
        return partial.plan(infra, "production", tmp_path / "part", whole, changed)

    return plan


@pytest.mark.slow
def test_an_unchanged_module_comes_out_alone_as_in_the_whole(
    alone: Alone, whole: Path, changes: Changes
) -> None:
    module = "bucket"  # is called by another module
    pristine = json.loads((whole / "production.json").read_text())
    kept = json.loads((whole / "production.calls.json").read_text())
    assert partial.callers(kept["modules"], frozenset({f"modules/{module}"}))
    with mock.patch.object(partial, "merged", wraps=partial.merged) as merged:
        found = alone(module)
    assert found is not None
    planned = merged.call_args.args[1]["resource_changes"]
    assert len([one for one in planned if one["address"].startswith("module.")]) > 1
    assert changes(found) == changes(pristine)
    assert found["configuration"] == pristine["configuration"]
    assert found.keys() == pristine.keys()


@pytest.mark.slow
def test_copies_that_are_planned_together_come_out_as_each_alone(
    rendered: Path, whole: Path, tmp_path: Path, changes: Changes
) -> None:
    copies = {}
    for number, module in enumerate((*MODULES, "network")):
        infra = tmp_path / str(number) / "infra"
        shutil.copytree(rendered / "infra", infra)
        copies[f"c{number}"] = (infra, frozenset({f"modules/{module}"}))
    path = infra / "modules" / "network" / "vpc.tf"
    path.write_text(path.read_text() + 'resource "aws_eip" "late" {}\n')
    found = partial.plans(copies, "production", tmp_path / "together", whole)
    assert found.keys() == copies.keys()
    changed = found.pop(f"c{number}")
    pristine = json.loads((whole / "production.json").read_text())
    for plan in found.values():
        assert changes(plan) == changes(pristine)
        assert plan["configuration"] == pristine["configuration"]
    assert changes(changed).keys() - changes(pristine).keys() == {"module.network[0].aws_eip.late"}


@pytest.mark.slow
def test_what_is_changed_in_a_module_is_seen(
    alone: Alone, rendered: Path, tmp_path: Path, changes: Changes
) -> None:
    infra = tmp_path / "infra"
    shutil.copytree(rendered / "infra", infra)
    path = infra / "modules" / "network" / "vpc.tf"
    path.write_text(path.read_text() + 'resource "aws_eip" "late" {}\n')
    found = alone("network", infra)
    assert found is not None
    assert "module.network[0].aws_eip.late" in changes(found)
    written = found["configuration"]["root_module"]["module_calls"]["network"]["module"]
    assert "aws_eip.late" in [item["address"] for item in written["resources"]]
    path.write_text(path.read_text() + 'resource "aws_eip" "late" {}\n')
    shutil.rmtree(tmp_path / "part")
    with pytest.raises(Refused, match="Duplicate resource"):
        alone("network", infra)


@pytest.mark.slow
def test_the_questions_leave_no_trace_in_the_plan(
    whole: Path, plans: Callable[[str], dict[str, Any]], changes: Changes
) -> None:
    text = (whole / "production.json").read_text()
    assert calls.OUTPUT not in text
    asked, unasked = json.loads(text), plans("production")
    assert asked.keys() == unasked.keys()
    assert changes(asked) == changes(unasked)
    assert asked["configuration"] == unasked["configuration"]


@pytest.mark.parametrize(
    ("path", "modules"),
    [
        ("modules/network/vpc.tf", {"modules/network"}),
        ("modules/audit/rules.yml", {"modules/audit"}),
        ("main.tf", None),
        ("project.auto.tfvars.json", None),
        ("modules/network/tests/network.tftest.hcl", None),
    ],
)
def test_only_a_change_inside_modules_is_planned_in_part(
    rendered: Path, tmp_path: Path, path: str, modules: set[str] | None
) -> None:
    shutil.copytree(rendered / "infra", tmp_path / "infra")
    changed = tmp_path / "infra" / path
    changed.parent.mkdir(parents=True, exist_ok=True)
    changed.write_text("changed\n")
    found = partial.changed(tmp_path / "infra", rendered / "infra")
    assert found == (None if modules is None else frozenset(modules))


def test_nothing_that_differs_is_no_change_in_a_module(rendered: Path) -> None:
    assert partial.changed(rendered / "infra", rendered / "infra") is None


def kept(tmp_path: Path, **more: Any) -> Path:
    """Write what a plan of two calls left behind; return its folder."""
    found = {
        "calls": {"one": {"source": "./modules/a", "often": {}, "arguments": {"x": 1}}},
        "modules": [
            {"Key": "one", "Source": "./modules/a", "Dir": "modules/a"},
            {"Key": "two", "Source": "./modules/b", "Dir": "modules/b"},
            {"Key": "two.inner", "Source": "../c", "Dir": "modules/c"},
        ],
        "provider": {"region": "eu-central-1"},
        "binary": None,
    }
    (tmp_path / "production.calls.json").write_text(json.dumps(found | more))
    (tmp_path / "production.json").write_text('{"whole": true}')
    return tmp_path


@pytest.mark.parametrize(
    ("module", "more", "found"),
    [
        ("modules/b", {}, None),  # called in a way that was not understood
        ("modules/c", {}, None),
        ("modules/a", {"provider": None}, None),
        ("modules/state", {}, {"whole": True}),  # nobody calls it
    ],
)
def test_what_does_not_fit_is_planned_as_a_whole(
    tmp_path: Path, module: str, more: dict[str, Any], found: dict[str, Any] | None
) -> None:
    work = kept(tmp_path, **more)
    modules = frozenset({module})
    assert partial.plan(tmp_path, "production", tmp_path, work, modules) == found


def test_a_value_is_written_as_it_was_with_its_unknown_parts() -> None:
    known = {"a": ["x", None], "b": {"c": 1}, "$": "${not} a %{template}"}
    unknown = {"a": [False, True], "b": {"d": True}, "e": True}
    change = {"after": {calls.OUTPUT: known}, "after_unknown": {calls.OUTPUT: unknown}}
    found = calls.called({}, **change)
    assert found == {
        "often": {},
        "arguments": {
            "$": "$${not} a %%{template}", "a": ["x", calls.UNKNOWN],
            "b": {"c": 1, "d": calls.UNKNOWN}, "e": calls.UNKNOWN,
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("call", "after", "often"),
    [
        ({"count_expression": {}}, [{calls.OUTPUT: {"x": 1}}], {"count": 1}),
        ({"count_expression": {}}, [], None),
        ({"count_expression": {}}, [{calls.OUTPUT: {"x": 1}}, {calls.OUTPUT: {"x": 2}}], None),
        ({"for_each_expression": {}}, {"k": {calls.OUTPUT: {"x": 1}}}, {"for_each": {"k": {}}}),
        ({}, {"no answer": 1}, None),
    ],
)
def test_a_module_that_is_called_often_is_called_as_often_or_not_at_all(
    call: dict[str, Any], after: Any, often: dict[str, Any] | None
) -> None:
    found = calls.called(call, after, after_unknown=False)
    assert found == (often and {"often": often, "arguments": {"x": 1}})


@pytest.mark.parametrize("outside", [True, False])
def test_a_provider_that_init_downloaded_is_not_kept(tmp_path: Path, outside: bool) -> None:
    infra, mirror = tmp_path / "infra", tmp_path / "mirror" / "linux_amd64"
    version = infra / ".terraform" / "providers" / PROVIDER / "5.100.0"
    version.mkdir(parents=True)
    (infra / ".terraform" / "modules").mkdir()
    (infra / ".terraform" / "modules" / "modules.json").write_text('{"Modules": []}')
    lies = mirror if outside else version / "linux_amd64"
    lies.mkdir(parents=True)
    (lies / "terraform-provider-aws_v5").write_text("700 MB")
    if outside:
        (version / "linux_amd64").symlink_to(mirror)
    plan = {"configuration": {"root_module": {}}, "planned_values": {}, "resource_changes": []}
    work = tmp_path / "work"
    partial.keep(Terraform(infra, {}), plan, work, "production")
    assert [path.name for path in work.rglob("*")] == ["production.calls.json"]
    kept = json.loads((work / "production.calls.json").read_text())
    assert kept["binary"] == (str(mirror / "terraform-provider-aws_v5") if outside else None)
