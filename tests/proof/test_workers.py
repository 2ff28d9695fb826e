"""Where broken copies lie, and what they are copied from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from redoubt.proof import runs, sabotage, workers
from redoubt.proof.rooms import Replace

ROOMY = os.statvfs_result((4096, 4096, 1 << 20, 1 << 20, 1 << 20, 9, 9, 9, 0, 255))


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands for a machine's memory, roomy enough."""
    monkeypatch.setattr(workers, "MEMORY", tmp_path)
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(os, "statvfs", lambda _: ROOMY)
    return tmp_path


def test_copies_lie_in_memory(memory: Path) -> None:
    assert workers.shelf() == memory


def test_whoever_names_a_folder_for_temporary_files_is_obeyed(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    assert workers.shelf() != memory


@pytest.mark.parametrize(
    ("field", "value"), [(4, 1 << 10), (8, getattr(os, "ST_NOEXEC", 8))], ids=["small", "noexec"]
)
def test_memory_that_is_small_or_runs_no_programs_is_not_used(
    memory: Path, monkeypatch: pytest.MonkeyPatch, field: int, value: int
) -> None:
    said = [*ROOMY[:field], value, *ROOMY[field + 1 :]]
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(said))
    assert workers.shelf() != memory


def test_a_machine_without_such_memory_uses_its_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MEMORY", Path("/nowhere"))
    assert workers.shelf().is_dir()


def test_a_broken_copy_of_a_compiled_seed_runs_what_was_broken(tmp_path: Path) -> None:
    module = tmp_path / "project" / "platform" / "limit.py"
    module.parent.mkdir(parents=True)
    module.write_text("LEAST = 0.7\n")
    seed = sabotage.seed(tmp_path / "project", tmp_path / "seed")
    compiled = [path.name for path in seed.rglob("*.pyc")]
    assert [name.partition(".")[0] for name in compiled] == ["limit"]
    copy = sabotage.copy_project(seed, tmp_path / "copy")
    item = Replace.model_validate({"name": "weaker", "quiet": True, "kind": "replace", "path": "platform/limit.py",
                                   "find": "0.7", "with": "0.0"})  # fmt: skip
    sabotage.apply(item, copy)
    assert list(copy.rglob("*.pyc")) == []


def test_what_pytest_compiled_elsewhere_is_left_behind(tmp_path: Path) -> None:
    # A red test is a room's own only where its code says that it stands.
    compiled = Path("controls") / "GATE-01" / "__pycache__" / "verify.cpython-311-pytest-9.1.1.pyc"
    for folder in ("project", "rendered"):
        for name in ("controls", "platform"):
            (tmp_path / folder / name).mkdir(parents=True)
    (tmp_path / "project" / compiled).parent.mkdir(parents=True)
    (tmp_path / "project" / compiled).write_bytes(b"")
    copy = sabotage.copy_project(tmp_path / "project", tmp_path / "copy")
    runs._same_code(tmp_path / "rendered", tmp_path / "project")
    assert [path for root in (copy, tmp_path / "rendered") for path in root.rglob("*.pyc")] == []
