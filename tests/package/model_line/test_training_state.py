"""Splits, code and environment: what a run rests on is fixed before it and named by digest."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from redoubt.errors import BadInput
from redoubt.profiles.pd.reference.model import MODEL
from redoubt.training import code_state, environment, split

DATASET = "sha256:" + "ab" * 32


def table(days: int = 300, rows: int = 3000) -> pd.DataFrame:
    generator = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "application_date": np.datetime64("2024-01-01") + generator.integers(0, days, rows),
            "defaulted": (generator.random(rows) < 0.1).astype(float),
        }
    )


def test_every_row_is_in_one_split_and_the_newest_days_are_out_of_time() -> None:
    data = table()
    found = split.assign(data, MODEL.schema, DATASET)
    everything = [row for name in split.NAMES for row in found.rows[name]]
    assert sorted(everything) == list(range(len(data)))
    days = data["application_date"].to_numpy().astype("datetime64[D]")
    older = [*found.rows["train"], *found.rows["out_of_sample"]]
    assert days[older].max() < np.datetime64(found.border) <= days[found.rows["out_of_time"]].min()
    assert 0.15 < len(found.rows["out_of_time"]) / len(data) < 0.25
    assert len(found.rows["out_of_sample"]) / len(older) == pytest.approx(0.2, abs=0.01)


def test_the_splits_follow_from_the_dataset_alone() -> None:
    data = table()
    one = split.assign(data, MODEL.schema, DATASET)
    assert split.assign(data, MODEL.schema, DATASET) == one
    other = split.assign(data, MODEL.schema, "sha256:" + "cd" * 32)
    assert other.rows["out_of_time"] == one.rows["out_of_time"]
    assert other.rows["out_of_sample"] != one.rows["out_of_sample"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (table(rows=100), "rows"),
        (table(days=1), "Split train has 0 rows"),
        (table().assign(defaulted=0.0), "1 value"),
    ],
)
def test_data_that_cannot_be_split_usefully_are_bad_input(data: pd.DataFrame, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        split.assign(data, MODEL.schema, DATASET)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "model.py").write_text("MODEL = 1\n")
    (tmp_path / "project.yml").write_text("name: X\n")
    (tmp_path / ".gitignore").write_text("var/\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    return tmp_path


def test_a_clean_commit_is_named_and_run_state_does_not_dirty_it(checkout: Path) -> None:
    (checkout / "var").mkdir()
    (checkout / "var" / "state.json").write_text("{}")
    found = code_state.read(checkout)
    assert (found.basis, found.clean, len(found.commit or "")) == ("git", True, 40)


@pytest.mark.parametrize("change", ["edit", "stage", "delete", "untracked"])
def test_any_change_of_the_tree_is_dirty(checkout: Path, change: str) -> None:
    path = checkout / "src" / ("new.py" if change == "untracked" else "model.py")
    path.unlink() if change == "delete" else path.write_text("MODEL = 2\n")
    if change == "stage":
        subprocess.run(["git", "-C", str(checkout), "add", "."], check=True)
    assert not code_state.read(checkout).clean


def test_a_project_in_a_repository_that_does_not_hold_it_has_no_commit(checkout: Path) -> None:
    inner = checkout / "var" / "project"
    (inner / "src").mkdir(parents=True)
    (inner / "project.yml").write_text("name: Inner\n")
    found = code_state.read(inner)
    assert (found.commit, found.clean, found.basis) == (None, False, "tree")


def test_a_project_in_a_folder_of_a_larger_repository_has_its_commit(checkout: Path) -> None:
    inner = checkout / "models" / "card"
    inner.mkdir(parents=True)
    (inner / "project.yml").write_text("name: Inner\n")
    subprocess.run(["git", "-C", str(checkout), "add", "."], check=True)
    subprocess.run(["git", "-C", str(checkout), "commit", "-qm", "inner"], check=True)
    (checkout / "src" / "model.py").write_text("MODEL = 3\n")
    found = code_state.read(inner)
    assert (found.basis, found.clean) == ("git", True)


def test_without_git_the_tree_is_named(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = code_state.read(checkout)
    assert (found.commit, found.basis) == (None, "tree")
    assert found.tree == code_state.tree(checkout)


def test_the_tree_digest_knows_code_and_not_caches(checkout: Path) -> None:
    before = code_state.tree(checkout)
    (checkout / "src" / "__pycache__").mkdir()
    (checkout / "src" / "__pycache__" / "model.pyc").write_bytes(b"x")
    assert code_state.tree(checkout) == before
    (checkout / "conf").mkdir()
    (checkout / "conf" / "gates.yml").write_text("numbers: {}\n")
    assert code_state.tree(checkout) != before


def test_the_environment_changes_with_lock_and_packages_and_names_its_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements").mkdir()
    lock = tmp_path / "requirements" / "train.txt"
    lock.write_text("numpy==1\n")
    first = environment.read(tmp_path)
    assert environment.read(tmp_path) == first
    assert first.image is None
    lock.write_text("numpy==2\n")
    monkeypatch.setattr(environment, "installed", lambda: {"numpy": "2"})
    monkeypatch.setenv(environment.IMAGE, "sha256:" + "e" * 64)
    second = environment.read(tmp_path)
    assert second.lock != first.lock
    assert second.packages != first.packages
    assert second.image == "sha256:" + "e" * 64
