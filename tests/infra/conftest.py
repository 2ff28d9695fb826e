"""Terraform with the provider's mirror, modules that are initialised, and plans of rendered projects."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from redoubt.errors import Unavailable
from redoubt.infra import calls, partial, provider, sandbox, standins, terraform
from redoubt.infra.emulator import server
from redoubt.infra.policies import naming
from redoubt.infra.reading import Plan
from redoubt.infra.terraform import Terraform

# Fixture -> group; the first that fits.
HEAVY = {"checkov": "scan", "readable": "policies", "composition": "plans", "whole": "plans"}
MODULES = Path(__file__).resolve().parents[2] / "infra" / "modules"
ACCOUNT = "123456789012"
Module = Callable[[str], Terraform]


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks in the same hook.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares a heavy fixture in one process, so that each plan and each scan is made once.

    Of two groups pytest-xdist would make a third, so what has one already stays there.
    """
    for item in (one for one in items if not one.get_closest_marker("xdist_group")):
        used = set(getattr(item, "fixturenames", ()))
        group = next((group for fixture, group in HEAVY.items() if fixture in used), None)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))


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


@pytest.fixture(scope="session")
def attached(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """Return the environment in which modules share one running provider: loading it is most of a test."""
    with provider.attached(provider.mirrored(environment), environment) as found:
        yield found


@pytest.fixture
def module(tmp_path: Path, attached: dict[str, str]) -> Module:
    """Return ``module(name)``: Terraform in a private, initialised copy of a module."""

    def make(name: str) -> Terraform:
        # With its neighbours: some modules are made of others.
        sandbox.copy(MODULES, tmp_path / "modules")
        target = tmp_path / "modules" / name
        tool = Terraform(target, attached)
        tool.run("init", "-backend=false", "-input=false", "-no-color")
        return tool

    return make


@pytest.fixture(scope="session")
def composition(
    rendered: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[Terraform]:
    """Return Terraform in a copy of the default project that plans offline. Write nothing into it."""
    with sandbox.opened(rendered / "infra", tmp_path_factory.mktemp("composition")) as tool:
        standins.write(tool.folder)
        yield tool


@pytest.fixture(scope="session")
def plans(composition: Terraform) -> Callable[[str], dict[str, Any]]:
    """Return ``plans(environment)``: the plan of the default project from an empty state, once each."""
    kept: dict[str, dict[str, Any]] = {}

    def make(name: str) -> dict[str, Any]:
        if name not in kept:
            kept[name] = composition.plan("-refresh=false", sandbox.variables(name))
        return kept[name]

    return make


@pytest.fixture(scope="session")
def named(plans: Callable[[str], dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """Return ``named(environment)``: that plan, with the names by which its policies are judged."""
    return lambda name: naming.named(Plan(name, plans(name)))


@pytest.fixture(scope="session")
def whole(
    rendered: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Path:
    """Return a folder with the plan of production, and what each module of it was given."""
    work = tmp_path_factory.mktemp("whole")
    found = sandbox.plan(
        rendered / "infra", "production", tmp_path_factory.mktemp("scratch"), before=calls.ask,
        after=lambda tool, plan: partial.keep(tool, plan, work, "production"),
    )  # fmt: skip
    (work / "production.json").write_text(json.dumps(found))
    return work


@pytest.fixture(scope="session")
def changes() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return ``changes(plan)``: what each resource will be, and what of it is unknown, by address."""
    return lambda plan: {
        item["address"]: (item["change"]["after"], item["change"]["after_unknown"])
        for item in plan["resource_changes"]
    }


@pytest.fixture(scope="session")
def unrotated() -> Callable[..., dict[str, Any]]:
    """Return ``unrotated(module="keys")``: a plan, as Terraform's JSON, to mend a key that a hand stopped rotating."""

    def make(module: str = "keys") -> dict[str, Any]:
        address = f'module.{module}.aws_kms_key.this["data"]'
        item = {
            "address": address, "mode": "managed", "type": "aws_kms_key", "name": "this",
            "change": {"actions": ["update"], "before": {"enable_key_rotation": False},
                       "after": {"enable_key_rotation": True}, "after_unknown": {}},
        }  # fmt: skip
        calls = {"keys": {"source": "./modules/keys", "module": {}}}
        return {
            "resource_changes": [item], "resource_drift": [{"address": address}],
            "configuration": {"root_module": {"module_calls": calls}},
        }  # fmt: skip

    return make


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run moto on loopback; return its address."""
    with server.running(ACCOUNT, "eu-central-1", tmp_path_factory.mktemp("moto")) as connection:
        yield connection["AWS_ENDPOINT_URL"]


@pytest.fixture
def account(emulator: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Sign in to the emulator, empty; return its address."""
    httpx.post(f"{emulator}/moto-api/reset")
    for name, value in {
        "AWS_ENDPOINT_URL": emulator, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return emulator
