"""Terraform with the provider's mirror, modules that are initialised, and plans of rendered projects."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from redoubt.errors import Unavailable
from redoubt.infra import sandbox, terraform
from redoubt.infra.terraform import Terraform

MODULES = Path(__file__).resolve().parents[2] / "infra" / "modules"
ANSWERS = {
    "prefix": "credit-default", "repository": "example-bank/credit-default", "forge": "github",
    "region": "eu-central-1", "organisation_id": "o-placeholder0", "vpc_range": "10.64.0.0/16",
    "tier": 1, "accounts": {
        "development": "111122223333", "validation": "444455556666", "production": "777788889999",
    },
}  # fmt: skip
Module = Callable[[str], Terraform]


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose ``infra/`` is the composition with a project's answers.

    The template does not render it yet, so its answers are written here.
    """
    folder = tmp_path_factory.mktemp("composed")
    shutil.copytree(MODULES.parent / "project", folder / "infra")
    path = folder / "infra" / "project.auto.tfvars.json"
    path.write_text(json.dumps(ANSWERS))
    return folder


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return the environment that Terraform runs in. Without it: red in CI, else said and skipped."""
    empty = tmp_path_factory.mktemp("aws")
    no_credentials = {
        "AWS_CONFIG_FILE": str(empty / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(empty / "keys"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    try:
        terraform.binary()
        missing = "" if terraform.mirror() else "the AWS provider is in no mirror on this machine"
    except Unavailable as error:
        missing = str(error)
    if missing and os.environ.get("CI"):
        pytest.fail(f"not evaluated, and this is CI: {missing}")
    if missing:
        pytest.skip(f"not evaluated: {missing}")
    with terraform.configured(no_credentials) as found:
        yield found


@pytest.fixture
def module(tmp_path: Path, environment: dict[str, str]) -> Module:
    """Return ``module(name)``: Terraform in a private, initialised copy of a module."""

    def make(name: str) -> Terraform:
        # With its neighbours: some modules are made of others.
        sandbox.copy(MODULES, tmp_path / "modules")
        target = tmp_path / "modules" / name
        tool = Terraform(target, environment)
        tool.run("init", "-backend=false", "-input=false", "-no-color")
        return tool

    return make


@pytest.fixture(scope="session")
def plans(
    rendered: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Callable[[str], dict[str, Any]]:
    """Return ``plans(environment)``: the plan of the default project from an empty state, once each."""
    kept: dict[str, dict[str, Any]] = {}

    def make(name: str) -> dict[str, Any]:
        if name not in kept:
            kept[name] = sandbox.plan(rendered / "infra", name, tmp_path_factory.mktemp(name))
        return kept[name]

    return make
