"""Two releases in a temporary clone, and a project of the older one with a team's typical edits."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import copier
import pytest

OLD = "v0.0.1"
REFERENCE = "platform/src/redoubt/profiles/pd/reference"
STARTERS = "platform/src/redoubt/workshop/starters"
FEATURES = '''"""Features of our own."""

from __future__ import annotations

import numpy as np

from redoubt.model import Columns, Features, Matrix


def compute(columns: Columns) -> Matrix:
    """Return the (n, 2) float32 matrix."""
    income = columns["annual_income"].astype(np.float64)
    amount = columns["requested_amount"].astype(np.float64)
    return np.column_stack([np.log(income), amount / income]).astype(np.float32)


FEATURES = Features(("log_income", "loan_to_income"), compute, monotone=(-1, 1))
'''
WAIVER = """waivers:
  - id: W-1
    requirement: SRV-08.1
    scope: development
    reason: the collector arrives in March
    compensating: daily look at the log
    requested_by: mira
    expires: 2027-01-31
"""


@dataclass(frozen=True)
class Project:
    """A project under git, as its team left it, and where an update takes it."""

    root: Path
    template: Path
    tag: str
    answers: dict[str, Any]

    def update(self) -> None:
        """Do what ``copier update --defaults`` does."""
        copier.run_update(
            self.root, defaults=True, overwrite=True, quiet=True, vcs_ref=self.tag, unsafe=False
        )


@pytest.fixture(scope="session")
def releases(
    tmp_path_factory: pytest.TempPathFactory,
    clone: Callable[[Path], Path],
    release: Callable[[Path, str], None],
    version: str,
) -> Path:
    """Return a clone with two tags: an older release, made from HEAD backwards, and HEAD."""
    folder = clone(tmp_path_factory.mktemp("releases"))
    backwards(folder)
    release(folder, OLD)
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    release(clone(folder), f"v{version}")
    return folder


def backwards(folder: Path) -> None:
    """Turn HEAD into a release before it: every kind of change that an update must carry."""
    change(folder / "ruff.toml", "line-length = 100", "line-length = 110")
    change(folder / "platform/pyproject.toml", r'version = "[\d.]+"', 'version = "0.0.1"')
    change(folder / "platform/src/redoubt/policy/release.yml", r"tiers: \{1: 90", "tiers: {1: 99")
    change(folder / REFERENCE / "features.py", r"# name -> ", "# feature -> ")
    change(folder / STARTERS / "tests/conftest.py", "ROWS = 200", "ROWS = 100")
    platform = folder / "platform/src/redoubt"
    (platform / "inference.py").rename(platform / "sessions.py")
    (platform / "abandoned.py").write_text('"""Deleted in the next release."""\n')
    (folder / STARTERS / "conf/sources.yml").unlink()
    for room in (folder / "controls").glob("GOV-01-*"):
        shutil.rmtree(room)
    change(folder / "template/project.yml.jinja", r"jurisdictions: .*\n", "")
    change(folder / "copier.yml", r"(?s)\njurisdictions:\n.*?(?=\n\S)", "")


def change(path: Path, pattern: str, text: str) -> None:
    """Replace a pattern that must be there."""
    changed, count = re.subn(pattern, text, path.read_text())
    assert count >= 1, f"{path}: {pattern}"
    path.write_text(changed)


@pytest.fixture(scope="module", params=["defaults", "tier-2-eu-apostrophe"])
def team(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    releases: Path,
    commit: Callable[..., None],
    answer_sets: dict[str, dict[str, Any]],
    version: str,
) -> Project:
    """Give a project of the older release in which a team has worked."""
    answers = {k: v for k, v in answer_sets[request.param].items() if k != "jurisdictions"}
    root = tmp_path_factory.mktemp("team") / "project"
    copier.run_copy(
        str(releases), root, data=answers, defaults=True, quiet=True, vcs_ref=OLD, unsafe=False
    )
    commit(root, "feat: start from Redoubt")
    work(root)
    commit(root, "feat: our model")
    return Project(root, releases, f"v{version}", answers)


def work(root: Path) -> None:
    """Do what teams do: rewrite, delete, tighten, test, document, waive, require."""
    package = next(path for path in (root / "src").iterdir() if path.is_dir())
    (package / "features.py").write_text(FEATURES)
    change(package / "reasons.py", r"REASONS = \{", "REASONS = {  # ours")
    change(package / "recipe.py", r'"max_iter": \d+', '"max_iter": 80')
    (package / "helpers.py").write_text('"""Ours."""\n')
    (root / "tests" / "test_schema.py").unlink()
    (root / "tests" / "test_ours.py").write_text(
        "def test_ours() -> None:\n    assert 1 + 1 == 2\n"
    )
    (root / "conf" / "release.yml").write_text("numbers:\n  approval:\n    valid_days: 30\n")
    (root / "controls" / "waivers.yml").write_text(WAIVER)
    (root / "requirements" / "team.in").write_text("lightgbm\n")
    (root / "docs" / "choices.md").write_text("# Why two features\n")
    readme = root / "README.md"
    readme.write_text(readme.read_text() + "\n## Our notes\n\nAsk the credit desk.\n")
