"""`copier copy` as a person runs it: no --trust, a refusal that says why, an existing repository kept."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redoubt import model, project

Run = Callable[..., Any]


def test_defaults_give_a_project_without_trust(tmp_path: Path, template: Path, run: Run) -> None:
    words = ("copy", "--defaults", "--vcs-ref", "HEAD", template, "project")
    done = run(sys.executable, "-m", "copier", *words, cwd=tmp_path)
    root = tmp_path / "project"
    said = [
        line for line in done.stderr.splitlines() if " create" not in line
    ]  # files are named too
    assert not any("trust" in line for line in said)
    assert "Credit Default is ready in project (tier 1)" in done.stderr
    assert model.seam(root) == f"{project.load(root).package}.model:MODEL"


def test_a_wrong_answer_gives_no_project(tmp_path: Path, template: Path, run: Run) -> None:
    words = ("copy", "--defaults", "--data", "package_name=json", template, "project")
    done = run(sys.executable, "-m", "copier", *words, cwd=tmp_path, check=False)
    assert done.returncode != 0
    assert '"json" would hide a module of Python\'s standard library' in done.stderr
    assert not (tmp_path / "project").exists()


def test_an_existing_repository_keeps_every_file_it_has(
    tmp_path: Path, template: Path, run: Run
) -> None:
    ours = {"README.md": "# Ours\n", "src/credit_default/model.py": "OURS = 1\n", "ruff.toml": "\n"}
    for name, text in ours.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    words = ("copy", "--defaults", "--vcs-ref", "HEAD", "--skip", "*", template, ".")
    run(sys.executable, "-m", "copier", *words, cwd=tmp_path)
    assert {name: (tmp_path / name).read_text() for name in ours} == ours
    assert (tmp_path / "src/credit_default/schema.py").exists()
    assert (tmp_path / "noxfile.py").exists()
