"""What stands in the way of a plan is said in plain words, against a real AWS emulator."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from redoubt.infra import planning, preflight, terraform
from redoubt.infra.preflight import Finding

MOTO_ACCOUNT = "123456789012"
Look = Callable[[], dict[str, Finding]]


@pytest.fixture
def project(rendered: Path, tmp_path: Path) -> Path:
    """Return a project whose answers are those of the emulated account."""
    folder = tmp_path / "project"
    shutil.copytree(rendered / "infra", folder / "infra")
    return folder


@pytest.fixture
def answer(project: Path) -> Callable[..., None]:
    """Return ``answer(account=…, organisation=…)``."""

    def write(account: str = MOTO_ACCOUNT, organisation: str = "o-a1b2c3d4e5") -> None:
        path = project / "infra" / "project.auto.tfvars.json"
        found = json.loads(path.read_text())
        found["accounts"]["development"], found["organisation_id"] = account, organisation
        path.write_text(json.dumps(found))
        values = project / "infra" / "environments" / "development.tfvars"
        values.write_text(planning.MARKS.sub("own", values.read_text()))

    return write


@pytest.fixture
def look(project: Path) -> Look:
    return lambda: {f.name: f for f in preflight.examine(project, "development")}


def test_a_placeholder_and_a_wrong_account_are_told_apart(
    account: str, look: Look, answer: Callable[..., None]
) -> None:
    assert "placeholder" in look()["answers"].detail
    assert (look()["account"].state, "zones" in look()) == ("missing", False)
    answer(account="999988887777")
    assert look()["answers"].state == "ok"
    assert look()["account"].detail == f"you are in {MOTO_ACCOUNT}, and development is 999988887777"


def test_the_right_account_is_looked_into(
    account: str, look: Look, answer: Callable[..., None]
) -> None:
    import boto3

    made = boto3.client("organizations", region_name="eu-central-1").create_organization()
    answer(organisation=made["Organization"]["Id"])
    found = look()
    assert [found[name].state for name in ("account", "organisation", "zones")] == ["ok"] * 3
    answer()
    assert "the answer is o-a1b2c3d4e5" in look()["organisation"].detail


def test_the_state_bucket_is_asked_for(
    account: str, look: Look, answer: Callable[..., None], project: Path
) -> None:
    import boto3

    answer()
    assert look()["state"].remedy == "run `redoubt bootstrap development`"
    (project / "infra" / "environments" / "development.s3.tfbackend").write_text(
        'bucket = "mine"\n'
    )
    assert look()["state"].state == "missing"
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="mine")
    assert look()["state"].state == "ok"


def test_without_credentials_the_remedy_is_named(
    account: str,
    look: Look,
    answer: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    answer()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    found = look()
    assert found["credentials"].state == "missing"
    assert "sign in" in found["credentials"].remedy


def test_a_missing_terraform_is_named(
    look: Look, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert look()["terraform"].detail == "terraform is not on the path."
    monkeypatch.undo()
    monkeypatch.setenv(terraform.MIRROR, str(tmp_path))
    assert "holds no registry.terraform.io" in look()["terraform"].detail
