"""Asking without rendering a whole project: the questions with the thin .jinja files alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import copier
import pytest


@pytest.fixture(scope="session")
def questions(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """Return a template that has all questions and only the files that answers go into."""
    folder = tmp_path_factory.mktemp("questions")
    for name in ("copier.yml", "reserved-names.yml"):
        shutil.copy2(repository / name, folder / name)
    (folder / "template").mkdir()
    for path in (repository / "template").glob("*.jinja"):
        shutil.copy2(path, folder / "template" / path.name)
    return folder


@pytest.fixture
def ask(questions: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return ``ask(**answers)``: the folder with what the answers went into."""

    def make(**answers: Any) -> Path:
        copier.run_copy(
            str(questions), tmp_path, data=answers, defaults=True, overwrite=True, quiet=True
        )
        return tmp_path

    return make
