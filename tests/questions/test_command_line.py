"""What a person sees whose answer is refused on the command line, at birth and in an update."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("answer", "last"),
    [
        ("package_name=2nd", 'package_name\': "2nd" is not a package name: use at most 40'),
        ("approvers_team=credit-models", '"credit-models" is the model team, which cannot approve'),
        ("python_version=3.9", "'python_version': '3.9' is not in ['3.11', '3.12', '3.13']"),
        ("jurisdictions=[mars]", "'jurisdictions': 'mars' is not in ['eu', 'uk',"),
    ],
)
def test_the_last_line_of_a_refusal_is_the_reason_and_nothing_was_written(
    questions: Path, tmp_path: Path, run: Run, answer: str, last: str
) -> None:
    target = tmp_path / "project"
    command = (sys.executable, "-m", "copier", "copy", "--defaults", "--quiet")
    done = run(*command, "--data", answer, questions, target, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert last in done.stderr.splitlines()[-1]
    assert not target.exists()


@pytest.fixture
def project(
    questions: Path, tmp_path: Path, run: Run, commit: Callable[..., None]
) -> Callable[..., Any]:
    """Return ``project(answer)``: what an update of a fresh project with one answer says."""
    template, root = tmp_path / "template", tmp_path / "a [project]"
    shutil.copytree(questions, template)
    commit(template, "feat: release", tag="v1.0.0")
    words = (sys.executable, "-m", "copier")
    run(*words, "copy", "--defaults", "--quiet", template, root, cwd=tmp_path)
    commit(root, "feat: start")

    def update(answer: str) -> tuple[Any, str]:
        flags = ("--defaults", "--quiet", "--data", answer)
        done = run(*words, "update", *flags, cwd=root, check=False)
        return done, run("git", "status", "--porcelain", cwd=root).stdout

    return update


def test_an_update_refuses_another_package_name_before_it_changes_anything(project: Any) -> None:
    done, status = project("package_name=second_model")
    assert (done.returncode, status) == (1, "")
    assert done.stderr.splitlines()[-1].endswith(
        '"second_model" would be a second package: this project is credit_default and stays that, '
        "so keep that name"
    )


@pytest.mark.parametrize("answer", ["package_name=credit_default", "model_team=other-models"])
def test_an_update_takes_the_same_package_name_and_other_changes(project: Any, answer: str) -> None:
    done, status = project(answer)
    assert done.returncode == 0, done.stderr
    assert (status != "") is answer.startswith("model_team")
