"""What a team is given works from the first minute: starter code, tests, limits, extension points."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from redoubt import clock, identity, limits, model, project
from redoubt.proof import rooms, waivers
from redoubt.settings import Settings

Run = Callable[..., Any]


def paths(root: Path) -> dict[str, str]:
    code = os.pathsep.join((str(root / "platform" / "src"), str(root / "src")))
    return os.environ | {"PYTHONPATH": code}


@pytest.mark.parametrize("package", ["a_rather_long_name_2"])
def test_starter_tests_pass_under_any_package_name(
    tmp_path: Path, render: Callable[..., Path], run: Run, package: str
) -> None:
    root = render(tmp_path / "project", package_name=package)
    assert model.seam(root) == f"{package}.model:MODEL"
    done = run(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=root, env=paths(root)
    )
    assert " passed" in done.stdout


def test_starter_code_is_typed_and_clean(tmp_path: Path, rendered: Path, run: Run) -> None:
    root = tmp_path / "project"
    shutil.copytree(rendered, root)
    code = ("src", "tests", "noxfile_team.py")
    run(sys.executable, "-m", "ruff", "check", "--no-cache", *code, cwd=root)
    run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", *code, cwd=root)
    run(sys.executable, "-m", "mypy", "src", cwd=root)


def test_each_policy_has_an_empty_override(rendered: Path) -> None:
    policies = {path.name for path in rendered.glob("platform/src/redoubt/policy/*.yml")}
    overrides = {path.name for path in rendered.glob("conf/*.yml")}
    assert policies - overrides == {"development.yml"}  # the people of a laptop: nothing to tighten
    assert overrides < policies
    for name in overrides:
        assert yaml.safe_load((rendered / "conf" / name).read_text()) is None, name


@pytest.mark.parametrize("policy", ["data", "gates", "release", "serving", "waivers"])
@pytest.mark.parametrize("tier", [1, 2, 3])
def test_the_example_in_an_override_is_a_stricter_limit(
    tmp_path: Path, rendered: Path, policy: str, tier: Any
) -> None:
    (tmp_path / "conf").mkdir()
    target = tmp_path / "conf" / f"{policy}.yml"
    target.write_text(example(rendered / "conf" / f"{policy}.yml"))
    found = limits.load(tmp_path, policy, tier, ())
    sources = {limit.source for group in found.numbers.values() for limit in group.values()}
    assert "override" in sources


def test_the_example_of_roles_takes_an_action_away(tmp_path: Path, rendered: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "roles.yml").write_text(example(rendered / "conf" / "roles.yml"))
    less, floor = identity.duties(tmp_path), identity.duties(rendered)
    assert less.roles["developer"] < floor.roles["developer"]


def test_waivers_start_empty_and_their_example_parses(rendered: Path) -> None:
    path = rendered / "controls" / "waivers.yml"
    assert yaml.safe_load(path.read_text()) == {"waivers": []}
    assert yaml.safe_load(example(path))["waivers"][0]["requirement"]


@pytest.mark.parametrize("tier", [1, 2, 3])
def test_the_example_of_a_waiver_is_legal_in_every_tier_on_the_day_that_its_comment_allows(
    tmp_path: Path, rendered: Path, tier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = example(rendered / "controls" / "waivers.yml")
    days = int(re.findall(r"at most (\d+) days from now", text)[0])
    last = clock.now().date() + timedelta(days=days)
    (tmp_path / "controls").mkdir()
    (tmp_path / waivers.FILE).write_text(text.replace("YYYY-MM-DD", str(last)))
    ((_, waiver),) = waivers.read(tmp_path)
    assert isinstance(waiver, waivers.Waiver), waiver
    here = project.load(rendered)
    monkeypatch.setattr(type(here), "tier", tier)
    desk = waivers.Desk(Settings(root=tmp_path), here, rooms.read(rendered))
    assert waivers.unfit(desk, waiver, clock.now()) == ""
    assert waivers._too_long(desk, waiver, clock.now()) == ""
    assert days == limits.load(tmp_path, "waivers", 1, ()).number("waiver", "longest_days")


def test_the_two_files_called_waivers_name_each_other(rendered: Path) -> None:
    for one, other in (("controls", "conf"), ("conf", "controls")):
        assert f"{other}/waivers.yml" in (rendered / one / "waivers.yml").read_text()


def test_the_readme_speaks_of_this_project(rendered: Path) -> None:
    found, text = project.load(rendered), (rendered / "README.md").read_text()
    for word in (found.name, found.description, f"tier is {found.tier}", found.teams.validators):
        assert word in text
    for path in re.findall(r"`((?:src|conf|controls|requirements)/[\w/.]+)`", text):
        assert (rendered / path).exists(), path


def example(path: Path) -> str:
    """Return the YAML that a starter file shows in its comments."""
    lines = path.read_text().split("#\n", 1)[1].splitlines()
    return "\n".join(line.removeprefix("# ") for line in lines if line.startswith("# "))
