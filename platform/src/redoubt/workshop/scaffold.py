"""`redoubt scaffold`: offer the starter files that a project does not have; never overwrite one."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from redoubt.errors import BadInput
from redoubt.files import write_text
from redoubt.model import seam

LEFT_OUT = {"__pycache__"}


def offers(root: Path, profile: str) -> dict[str, str]:
    """Return path -> text of every starter file: extension points, tests and the profile's model.

    Raises BadInput outside a project.
    """
    package = seam(root).partition(".")[0]
    found = dict(_texts(resources.files("redoubt.workshop") / "starters", ""))
    model = resources.files("redoubt.profiles") / profile / "reference"
    return found | dict(_texts(model, f"src/{package}/"))


def missing(root: Path, profile: str) -> list[str]:
    """Return the paths of starter files that the project does not have, sorted."""
    return sorted(path for path in offers(root, profile) if not (root / path).exists())


def add(root: Path, profile: str, wanted: list[str]) -> list[Path]:
    """Write the wanted starter files; return where they are.

    Raises BadInput for a path that is not offered, or that exists already.
    """
    known = offers(root, profile)
    for path in wanted:
        if path not in known:
            raise BadInput(f"{path} is no starter file.", remedy="`redoubt scaffold` lists them")
        if (root / path).exists():
            raise BadInput(f"{path} exists already.", remedy="move it away first; it stays yours")
    for path in wanted:
        write_text(root / path, known[path])
        (root / path).chmod(0o644)
    return [root / path for path in wanted]


def _texts(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for item in folder.iterdir():
        if item.name in LEFT_OUT or item.name.startswith("."):
            continue
        if item.is_dir():
            yield from _texts(item, f"{prefix}{item.name}/")
        else:
            yield prefix + item.name, item.read_text(encoding="utf-8")
