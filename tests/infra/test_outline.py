"""A copy whose root files differ is planned by them and by what they give modules, exactly as the whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from redoubt.errors import Refused
from redoubt.infra import outline, partial, sandbox

pytestmark = [pytest.mark.slow]
Copy = Callable[..., Path]
Changes = Callable[[dict[str, Any]], dict[str, Any]]
TEAM = """
resource "aws_route" "team" {
  route_table_id              = module.network[0].route_table_id
  destination_ipv6_cidr_block = "::/0"
  transit_gateway_id          = "tgw-${var.environment}"
}
"""


@pytest.fixture
def copy(rendered: Path, tmp_path: Path) -> Copy:
    """Return ``copy(name, old, new)``: ``infra`` with one text replaced, or appended."""

    def make(name: str = "", old: str = "", new: str = "") -> Path:
        infra = tmp_path / "copy" / "infra"
        shutil.copytree(rendered / "infra", infra)
        if name:
            text = (infra / name).read_text()
            assert not old or text.count(old) == 1
            (infra / name).write_text(text.replace(old, new) if old else text + new)
        return infra

    return make


@pytest.fixture
def planned(whole: Path, tmp_path: Path) -> Callable[[Path], dict[str, Any] | None]:
    """Return ``planned(infra)``: the plan of production of a copy by an outline."""
    return lambda infra: outline.plan(infra, "production", tmp_path / "work", whole)


def test_an_unchanged_project_comes_out_as_it_is(
    whole: Path, copy: Copy, planned: Callable[[Path], Any], changes: Changes
) -> None:
    pristine = json.loads((whole / "production.json").read_text())
    with mock.patch.object(partial, "together") as together:
        found = planned(copy())
    assert not together.called  # no module was given anything else
    assert changes(found) == changes(pristine)
    assert found["configuration"] == pristine["configuration"]
    assert found["variables"] == pristine["variables"]
    assert found.keys() == pristine.keys()


@pytest.mark.parametrize(
    ("name", "old", "new", "address"),
    [
        ("team.tf", "", TEAM, "aws_route.team"),
        ("run.tf", '"https://$', '"http://$', "module.training.aws_ecs_task_definition.this"),
    ],
)
def test_a_change_of_the_root_comes_out_as_in_a_plan_of_the_whole(
    name: str, old: str, new: str, address: str, whole: Path, copy: Copy,
    planned: Callable[[Path], Any], changes: Changes, tmp_path: Path,
) -> None:  # fmt: skip
    infra = copy(name, old, new)
    found = planned(infra)
    expected = sandbox.plan(infra, "production", tmp_path / "expected")
    assert changes(found) == changes(expected)
    assert found["configuration"]["root_module"] == expected["configuration"]["root_module"]
    pristine = changes(json.loads((whole / "production.json").read_text()))
    assert changes(found)[address] != pristine.get(address)


def test_roots_that_are_planned_together_come_out_as_each_alone(
    whole: Path, copy: Copy, planned: Callable[[Path], Any], tmp_path: Path
) -> None:
    alone, infra = {}, {}
    for name, new in ("team", TEAM), ("other", TEAM.replace("tgw-", "tgw-0")):
        infra[name] = copy("team.tf", "", new).rename(tmp_path / name)
        alone[name] = planned(infra[name])
        shutil.rmtree(tmp_path / "work")
    assert alone["team"] != alone["other"]
    assert outline.plans(infra, "production", tmp_path / "work", whole) == alone


def test_what_reaches_further_than_the_module_is_planned_as_a_whole(
    copy: Copy, planned: Callable[[Path], Any]
) -> None:
    # Another range, and the network gives back other subnets.
    assert planned(copy("main.tf", "2, index(local._order, var.environment)", "2, 0")) is None


def test_what_no_module_accepts_is_refused(copy: Copy, planned: Callable[[Path], Any]) -> None:
    infra = copy("team.tf", "", "locals {\n  broken = local.nothing\n}\n")
    with pytest.raises(Refused, match="nothing"):
        planned(infra)


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("team.tf", True),
        ("own.tf", True),
        ("terraform.tf", False),
        ("variables.tf", True),
        ("modules/network/vpc.tf", False),
        ("environments/production.tfvars", False),
        ("project.auto.tfvars.json", False),
    ],
)
def test_only_files_of_the_root_that_set_nothing_up_fit(
    rendered: Path, copy: Copy, name: str, fits: bool
) -> None:
    infra = copy()
    with (infra / name).open("a") as stream:
        stream.write("\n# changed\n")
    assert outline.fits(infra, rendered / "infra") is fits


@pytest.mark.parametrize("block", [
    'variable "more" {\n  default = 1\n}\n',
    'provider "aws" {\n  alias = "other"\n}\n',
])  # fmt: skip
def test_what_is_given_to_a_root_from_outside_does_not_fit(
    rendered: Path, copy: Copy, block: str
) -> None:
    assert not outline.fits(copy("team.tf", "", block), rendered / "infra")


def test_nothing_that_differs_does_not_fit(rendered: Path) -> None:
    assert not outline.fits(rendered / "infra", rendered / "infra")
