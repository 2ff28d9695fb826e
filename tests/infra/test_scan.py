"""What scanners find in the Terraform of a project and in its plan: nothing but what the list names."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from redoubt.errors import Refused
from redoubt.infra import scan, skips
from redoubt.infra.scan import Report
from redoubt.workshop import environments

EXAMPLES = yaml.safe_load((Path(__file__).parent / "policy_examples.yml").read_text())
Plans = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def checkov(repository: Path) -> Path:
    """Return checkov. Without it: red in CI, else said and skipped."""
    if not environments.known_ready(repository, "scan"):
        said = "not evaluated: checkov is not here; `nox -s infra` installs it from its pins"
        pytest.fail(said) if os.environ.get("CI") else pytest.skip(said)
    return environments.python(repository, "scan").with_name("checkov")


@pytest.fixture(scope="session")
def listed(rendered: Path) -> tuple[skips.Skip, ...]:
    """Return the lines of the rendered project's list."""
    return skips.read(rendered / "infra" / skips.FILE)


@pytest.fixture(scope="session")
def in_files(checkov: Path, rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return what stands in the rendered files, whatever their comments say."""
    return scan.files(checkov, rendered / "infra", tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def in_plan(
    checkov: Path, rendered: Path, plans: Plans, tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """Return what the plan of production shows."""
    policies = rendered / "infra" / scan.POLICIES
    return scan.plan(checkov, plans("production"), policies, tmp_path_factory.mktemp("plan"))


def test_nothing_is_found_but_what_the_list_names(
    in_files: Report, in_plan: Report, listed: tuple[skips.Skip, ...]
) -> None:
    assert in_files.skipped == in_plan.skipped == 0
    assert in_files.resources > 200
    assert in_files.passed > 400
    assert in_plan.resources > 350
    assert in_plan.passed > 800
    wrong = skips.judge(in_files.failed, in_plan.failed, listed, datetime.date.today())
    assert wrong == []


def plain(checkov: Path, folder: Path, *words: str) -> dict[str, Any]:
    """Return the summary that somebody gets who knows nothing of us: exit code 0, or the test ends."""
    found = scan.report(checkov, folder, *words)
    assert found["summary"]["failed"] == 0, found["results"]["failed_checks"]
    return dict(found["summary"])


def test_a_plain_scan_of_a_project_agrees(
    checkov: Path, rendered: Path, tmp_path: Path, in_files: Report
) -> None:
    shutil.copytree(rendered / "infra", tmp_path / "infra")
    found = plain(checkov, tmp_path, "-d", "infra")
    assert found["skipped"] == len(in_files.failed)
    assert found["passed"] == in_files.passed


def test_a_plain_scan_of_the_repository_agrees(
    checkov: Path, repository: Path, tmp_path: Path
) -> None:
    shutil.copytree(repository / "infra" / "modules", tmp_path / "infra" / "modules")
    found = plain(checkov, tmp_path, "-d", "infra", "--framework=terraform")
    assert found["passed"] > 200


def test_a_team_cannot_skip_for_itself(checkov: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "team.tf").write_text(
        'resource "aws_sns_topic" "own" {\n  # checkov:skip=CKV_AWS_26:Because we say so.\n}\n'
    )
    assert scan.report(checkov, tmp_path / "own", "-d", ".")["summary"]["failed"] == 0
    found = scan.files(checkov, tmp_path / "own", tmp_path)
    assert [item.check for item in found.failed] == ["CKV_AWS_26"]
    assert skips.judge(found.failed, [], [], datetime.date.today()) == [
        "CKV_AWS_26 aws_sns_topic.own (aws_sns_topic.own): failed in the files"
    ]


@pytest.fixture(scope="session")
def examples(
    checkov: Path, rendered: Path, tmp_path_factory: pytest.TempPathFactory
) -> set[tuple[str, str]]:
    """Return (check, address) of each failed check on the examples, as a team would add them."""
    work = tmp_path_factory.mktemp("examples")
    (work / "own").mkdir()
    shutil.copytree(rendered / "infra" / scan.POLICIES, work / "own" / scan.POLICIES)
    for name, text in (item for kind in EXAMPLES.values() for item in kind.items()):
        (work / "own" / f"{name}.tf").write_text(text)
    found = scan.files(checkov, work / "own", work)
    return {(item.check, item.address.split(".")[-1]) for item in found.failed}


@pytest.mark.parametrize("name", [*EXAMPLES["refused"], *EXAMPLES["built_in"]])
def test_what_a_team_may_not_add_is_found(examples: set[tuple[str, str]], name: str) -> None:
    check, _, address = name.partition("-")
    assert (check, address) in examples


@pytest.mark.parametrize("name", EXAMPLES["allowed"])
def test_what_a_team_may_add_is_not(examples: set[tuple[str, str]], name: str) -> None:
    check, _, address = name.partition("-")
    assert (check, address) not in examples


def test_every_policy_of_ours_has_an_example_of_both_kinds(rendered: Path) -> None:
    text = (rendered / "infra" / scan.POLICIES / "team.py").read_text()
    ours = {line.split('"')[1] for line in text.splitlines() if 'number = "CKV' in line}
    assert len(ours) >= 5
    assert {name.partition("-")[0] for name in EXAMPLES["refused"]} == ours
    assert {name.partition("-")[0] for name in EXAMPLES["allowed"]} == ours


@pytest.mark.parametrize(
    ("path", "text"),
    [("policies/team.py", "raise RuntimeError('broken')\n"), ("own.tf", 'resource "aws_vpc" {{\n')],
)
def test_a_scan_that_did_not_do_its_work_is_an_error(
    checkov: Path, rendered: Path, tmp_path: Path, path: str, text: str
) -> None:
    shutil.copytree(rendered / "infra" / scan.POLICIES, tmp_path / "own" / scan.POLICIES)
    (tmp_path / "own" / "team.tf").write_text('resource "aws_sns_topic" "own" {\n}\n')
    (tmp_path / "own" / path).write_text(text)
    with pytest.raises(Refused, match=r"did not do its work|cannot read"):
        scan.files(checkov, tmp_path / "own", tmp_path)


def test_trivy_as_a_second_opinion_finds_nothing_of_medium_severity_or_more(
    rendered: Path, tmp_path: Path
) -> None:
    trivy = shutil.which("trivy")
    if trivy is None:
        pytest.skip("not evaluated: trivy is not on the path; a second opinion, never needed")
    scan.bare(rendered / "infra", tmp_path / "infra")
    done = subprocess.run(
        [trivy, "config", "--skip-check-update", "--skip-version-check", "--quiet",
         "--severity=MEDIUM,HIGH,CRITICAL", "--format=json", "infra"],
        cwd=tmp_path, env=os.environ | {"HOME": str(tmp_path)}, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["Results"]
    assert sum(item.get("MisconfSummary", {}).get("Successes", 0) for item in results) > 100
    assert [
        (item["ID"], result["Target"], item["Title"])
        for result in results for item in result.get("Misconfigurations", [])
    ] == []  # fmt: skip
