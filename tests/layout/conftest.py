"""The ownership list, read once, and its rows matched as CODEOWNERS matches: the last one counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from pathspec import PathSpec

PACKAGE = "credit_default"


@dataclass(frozen=True)
class Row:
    """One row of ownership.yml."""

    path: str
    owner: str
    reviewers: str
    later: bool
    unlocked: bool

    def matches(self, path: str) -> bool:
        pattern = self.path.replace("{{ package_name }}", PACKAGE)
        return PathSpec.from_lines("gitignore", [pattern]).match_file(path)


@pytest.fixture(scope="session")
def rows(repository: Path) -> tuple[Row, ...]:
    listed = yaml.safe_load((repository / "ownership.yml").read_text())["paths"]
    return tuple(
        Row(
            item["path"], item["class"], item["reviewers"],
            item.get("later", False), item.get("unlocked", False),
        )
        for item in listed
    )  # fmt: skip


@pytest.fixture(scope="session")
def paths(rendered: Path) -> tuple[str, ...]:
    """Return every file of a rendered project."""
    return tuple(
        sorted(p.relative_to(rendered).as_posix() for p in rendered.rglob("*") if p.is_file())
    )


@pytest.fixture(scope="session")
def row_of(rows: tuple[Row, ...]) -> Callable[[str], Row | None]:
    """Return ``row_of(path)``: the row that decides, or None when none speaks of the path."""

    def find(path: str) -> Row | None:
        return next((row for row in reversed(rows) if row.matches(path)), None)

    return find
