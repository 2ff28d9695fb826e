"""The first state: made locally, moved into its bucket, and finished by the same command after a crash.

Against a real AWS emulator. moto ignores the conditions of a bucket's policy and so would refuse every
upload: the project's copy of the bucket module has another policy here; `terraform test` judges the real one.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from redoubt.errors import BadInput
from redoubt.infra import bootstrap

ACCOUNT = "123456789012"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/key-administrator"
PROVIDER = 'provider "aws" {\n  s3_use_path_style = true\n  max_retries       = 4\n}\n'
POLICY = """\
resource "aws_s3_bucket_policy" "this" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow"
    Principal = { Service = "logging.s3.amazonaws.com" }
    Action    = "s3:PutObject"
    Resource  = "arn:aws:s3:::${var.name}/*"
  }] })
}
"""
CHILD = "import sys; from pathlib import Path; from redoubt.infra import bootstrap as b; b.bootstrap(Path(sys.argv[1]), Path(sys.argv[2]), 'development', [sys.argv[3]])"
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("emulator")]


@pytest.fixture
def project(rendered: Path, tmp_path: Path, account: str) -> Path:
    """Return a project of the emulated account, whose buckets let the emulator work."""
    folder = tmp_path / "project"
    shutil.copytree(rendered / "infra", folder / "infra")
    path = folder / "infra" / "project.auto.tfvars.json"
    given = json.loads(path.read_text()) | {"organisation_id": "o-a1b2c3d4e5"}
    given["accounts"] |= {"development": ACCOUNT}
    path.write_text(json.dumps(given))
    values = folder / "infra" / "environments" / "development.tfvars"
    lines = [
        'installer_role = "installer"' if line.startswith("installer_role") else line
        for line in values.read_text().splitlines()
    ]
    values.write_text("\n".join(lines) + "\n")
    (folder / "infra" / "bootstrap" / "zz_emulator_override.tf").write_text(PROVIDER)
    (folder / "infra" / "modules" / "bucket" / "zz_emulator_override.tf").write_text(POLICY)
    return folder


def again(project: Path) -> list[str]:
    """Run the command; return what it said."""
    said: list[str] = []
    bootstrap.bootstrap(project, project / "var", "development", [ADMINISTRATOR], said.append)
    return said


def stored(project: Path, address: str) -> set[str]:
    """Return the keys of the objects in the state's bucket."""
    import boto3

    client = boto3.client("s3", endpoint_url=address, region_name="eu-central-1")
    name = json.loads((project / "infra" / "project.auto.tfvars.json").read_text())["prefix"]
    found = client.list_objects_v2(Bucket=f"{name}-dev-state-{ACCOUNT}")
    return {item["Key"].removeprefix(f"{name}-dev/") for item in found.get("Contents", [])}


def test_the_first_state_ends_in_the_bucket_it_made_and_a_second_run_works_there(
    project: Path, account: str
) -> None:
    assert "moving" in "".join(again(project))
    assert stored(project, account) == {"bootstrap.tfstate"}
    backend = (project / "infra" / "environments" / "development.s3.tfbackend").read_text()
    assert 'key = "' in backend
    assert "terraform.tfstate" in backend
    assert "use_lockfile = true" in backend
    shutil.rmtree(project / "var")  # Another machine, or a runner that keeps nothing.
    said = "".join(again(project))
    assert "lies in its bucket" in said
    assert "moving" not in said


def test_a_bootstrap_that_is_killed_is_finished_by_the_same_command(
    project: Path, account: str
) -> None:
    source = str(Path(bootstrap.__file__).parents[2])
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(project), str(project / "var"), ADMINISTRATOR],
        env=os.environ | {"PYTHONPATH": source}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    state = project / "var" / "bootstrap" / "development" / "bootstrap" / "terraform.tfstate"
    end = time.monotonic() + 240
    while time.monotonic() < end and not (
        state.exists() and '"aws_s3_bucket"' in state.read_text()
    ):
        assert child.poll() is None, "the bootstrap ended before it could be killed"
        time.sleep(0.02)
    os.killpg(child.pid, signal.SIGKILL)  # Its own session: Terraform and the provider with it.
    child.wait()
    assert not (project / "infra" / "environments" / "development.s3.tfbackend").exists()
    again(project)
    assert stored(project, account) == {"bootstrap.tfstate"}


def test_a_bootstrap_killed_while_the_state_was_moving_begins_from_the_copy(
    project: Path, account: str
) -> None:
    again(project)
    folder = project / "var" / "bootstrap" / "development" / "bootstrap"
    (project / "infra" / "environments" / "development.s3.tfbackend").unlink()
    (folder / "terraform.tfstate").write_text("")
    import boto3

    client = boto3.client("s3", endpoint_url=account, region_name="eu-central-1")
    for version in client.list_object_versions(Bucket=_bucket(folder))["Versions"]:
        client.delete_object(
            Bucket=_bucket(folder), Key=version["Key"], VersionId=version["VersionId"]
        )
    assert "moving" in "".join(again(project))
    assert stored(project, account) == {"bootstrap.tfstate"}


def _bucket(folder: Path) -> str:
    found: str = json.loads((folder / bootstrap.KEPT).read_text())["outputs"]["backend"]["value"][
        "bucket"
    ]
    return found


def test_a_placeholder_or_a_missing_administrator_is_refused_before_terraform_starts(
    project: Path, rendered: Path, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=r"111122223333.*placeholder"):
        bootstrap.values(rendered, "development", [ADMINISTRATOR])
    with pytest.raises(BadInput, match=r"--administrator"):
        bootstrap.values(project, "development", [])
    path = project / "infra" / "environments" / "development.tfvars"
    path.write_text(path.read_text().replace('"installer"', '"placeholder"'))
    with pytest.raises(BadInput, match=r"installer_role .*placeholder"):
        bootstrap.values(project, "development", [ADMINISTRATOR])
