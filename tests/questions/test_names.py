"""Awkward names: whatever a person may call a project, the package is valid and the files parse."""

from __future__ import annotations

import importlib.metadata
import keyword
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from redoubt import project

NAMES = {
    "Credit Default": "credit_default",
    "Crédit auto – l'Ouest": "credit_auto_louest",
    "Müller & Söhne Größe": "mueller_soehne_groesse",
    "O'Brien's \"PD\"": "obriens_pd",
    "信用評価": "pd_model",
    "Кредитный риск": "pd_model",
    "تقييم": "pd_model",
    "信用 PD 2": "pd_2",
    "2026 scorecard": "model_2026_scorecard",
    "JSON": "json_model",
    "Pandas": "pandas_model",
    "Redoubt": "redoubt_model",
    "class": "class_model",
    "Tests": "tests_model",
    "---": "pd_model",
    "x": "pd_model",
    "back\\slash \\n": "back_slash_n",
    "yes: no # off": "yes_no_off",
    "{{ 7 * 7 }}": "7_7",
    "- [a]: &b *c !d | > %e @f `g`": "a_b_c_d_e_f_g",
    "~": "pd_model",
    "🏦 bank": "bank",
    "a" * 60: "a" * 40,
    "9" * 60: "model_" + "9" * 34,
    "null": "null",
    "${HOME} $(id) `id`": "home_id_id",
}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_an_awkward_name_arrives_as_it_was_given(ask: Callable[..., Path], name: str) -> None:
    folder = ask(project_name=name, description=name)
    found = project.load(folder)
    answers = yaml.safe_load((folder / ".copier-answers.yml").read_text())
    table = tomllib.loads((folder / "pyproject.toml").read_text())
    assert found.name == found.description == answers["project_name"] == name
    assert table["tool"]["redoubt"]["model"] == f"{found.package}.model:MODEL"
    assert name in (folder / "README.md").read_text()


@pytest.mark.parametrize(("name", "package"), NAMES.items(), ids=ascii)
def test_the_derived_package_passes_its_own_question(
    ask: Callable[..., Path], name: str, package: str
) -> None:
    derived = project.load(ask(project_name=name)).package
    assert derived == (f"model_{package}" if package[0].isdigit() else package)
    assert derived.isidentifier()
    assert project.load(ask(project_name=name, package_name=derived)).package == derived


@pytest.mark.parametrize("team", ["model-validation", "Model-Validation", "model-approvers"])
def test_default_teams_stay_independent(ask: Callable[..., Path], team: str) -> None:
    teams = project.load(ask(model_team=team)).teams
    assert team.lower() not in (teams.validators.lower(), teams.approvers.lower())


@pytest.fixture(scope="session")
def reserved(repository: Path) -> dict[str, set[str]]:
    data: dict[str, Any] = yaml.safe_load((repository / "reserved-names.yml").read_text())
    return {name: set(item["default"].split()) for name, item in data.items()}


def test_reserved_names_hold_the_language_and_its_library(reserved: dict[str, set[str]]) -> None:
    words = {word.lower() for word in (*keyword.kwlist, *keyword.softkwlist)} - {"_"}
    modules = {name for name in sys.stdlib_module_names if re.fullmatch("[a-z][a-z0-9_]*", name)}
    assert words - {"type"} <= reserved["reserved_keywords"]
    assert modules <= reserved["reserved_stdlib"]


def test_reserved_names_hold_what_our_requirements_bring(
    reserved: dict[str, set[str]], repository: Path
) -> None:
    pins = "".join(
        path.read_text() for path in (repository / "template" / "requirements").glob("*.txt")
    )
    pinned = {norm(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", pins, re.MULTILINE)}
    bring = importlib.metadata.packages_distributions()
    names = {
        name.lower()
        for name, distributions in bring.items()
        if re.fullmatch("[a-z][a-z0-9_]*", name.lower()) and pinned & set(map(norm, distributions))
    }
    assert names - reserved["reserved_imports"] - reserved["reserved_stdlib"] == set()


def norm(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()
