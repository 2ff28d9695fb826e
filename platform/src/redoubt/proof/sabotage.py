"""Broken copies: a cheap copy of a project's files, and one sabotage applied to it, strictly."""

from __future__ import annotations

import compileall
import difflib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redoubt.errors import Refused
from redoubt.proof.rooms import AddFile, Answer, Append, Break, Delete, Replace

LEFT_OUT = {"var", ".venv", ".git", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
IGNORED = {".mypy_cache", ".ruff_cache", ".terraform"}
NEAR = 25
MOST_LINES = 3


class NotApplicable(Refused):
    """The sabotage does not fit the files any more."""


@dataclass(frozen=True)
class Change:
    """What a sabotage did to one file: lines changed, and the range of lines it was done at."""

    path: str
    lines: int
    first: int
    last: int


def copy_project(root: Path, target: Path) -> Path:
    """Copy a project's files, keeping times so that compiled modules stay valid.

    State, environments and the repository stay behind; nothing is shared that a test could write.
    """

    def ignore(folder: str, names: list[str]) -> set[str]:
        left = LEFT_OUT & set(names) if Path(folder) == root else IGNORED
        return left | compiled_by_pytest(folder, names)

    shutil.copytree(root, target, symlinks=True, ignore=ignore)
    return target


def compiled_by_pytest(_: str, names: list[str]) -> set[str]:
    """Return which of a folder's files pytest compiled, for ``shutil.copytree`` to leave behind.

    They say that they stand where they were compiled, so a red test would not be a room's own.
    """
    return {name for name in names if "-pytest-" in name and name.endswith(".pyc")}


def seed(root: Path, target: Path) -> Path:
    """Copy a project to where its broken copies are copied from, and compile its modules there once."""
    copy_project(root, target)
    for folder in ("platform", "controls", "src", "tests"):
        compileall.compile_dir(target / folder, quiet=2)
    return target


def apply(item: Break, root: Path) -> Change | None:
    """Apply a sabotage to a copy; an answer is not applied here, it needs a new render.

    Raises NotApplicable when it does not fit: it would prove nothing.
    """
    if isinstance(item, Answer):
        return None
    path = inside(root, item.path)
    before = path.read_text() if path.is_file() else None
    after = _changed(item, path, before)
    if after is None:
        path.unlink()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(after)
    _forget_compiled(path)
    return _change(item.path, before or "", after or "")


@contextmanager
def applied(item: Replace | Append | Delete | AddFile, root: Path) -> Iterator[None]:
    """Apply a sabotage for a while, and put the file back. Raises NotApplicable when it does not fit."""
    path = inside(root, item.path)
    before = path.read_bytes() if path.is_file() else None
    apply(item, root)
    try:
        yield
    finally:
        path.unlink(missing_ok=True) if before is None else path.write_bytes(before)


def preview(item: Replace | Append | Delete | AddFile, root: Path) -> Change:
    """Return what a sabotage would do, touching nothing. Raises NotApplicable when it does not fit."""
    path = inside(root, item.path)
    before = path.read_text() if path.is_file() else None
    return _change(item.path, before or "", _changed(item, path, before) or "")


def inside(root: Path, name: str) -> Path:
    """Return a path below the root. Raises NotApplicable when it would leave it."""
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()) or path == root.resolve():
        raise NotApplicable(f"{name!r} is not a path of the project.", remedy="correct the path")
    return path


def _changed(
    item: Replace | Append | Delete | AddFile, path: Path, before: str | None
) -> str | None:
    if isinstance(item, AddFile):
        if before is not None:
            raise NotApplicable(f"{item.path} is there already.", remedy="use replace or append")
        return item.text
    if before is None:
        raise NotApplicable(f"{item.path} is not there.", remedy="name a file of the project")
    if isinstance(item, Delete):
        return None
    if isinstance(item, Append):
        return before + ("" if before.endswith("\n") else "\n") + item.text
    count = before.count(item.find)
    if count != 1 or item.find == item.put:
        what = f"stands {count} times in" if count != 1 else "would not change"
        raise NotApplicable(
            f"{item.find!r} {what} {item.path}; it must stand there once.",
            remedy="quote a text that stands exactly once, and replace it by another",
        )
    return before.replace(item.find, item.put)


def _forget_compiled(path: Path) -> None:
    """Drop the compiled module: its check compares whole seconds, and the source is new."""
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def _change(name: str, before: str, after: str) -> Change:
    old, new = before.splitlines(), after.splitlines()
    blocks = [
        b for b in difflib.SequenceMatcher(None, old, new, False).get_opcodes() if b[0] != "equal"
    ]
    lines = sum(max(b[2] - b[1], b[4] - b[3]) for b in blocks)
    return Change(name, lines, blocks[0][1] if blocks else 0, blocks[-1][2] if blocks else 0)


def marked(root: Path, change: Change, control: str) -> bool:
    """Say whether ``control: ID`` stands on the changed lines or at most 25 lines above them."""
    lines = (root / change.path).read_text().splitlines()
    window = lines[max(0, change.first - NEAR) : max(change.last, change.first + 1)]
    return any(_names(line, control) for line in window)


def _names(line: str, control: str) -> bool:
    _, found, rest = line.partition("control: ")
    return bool(found) and rest.split()[:1] == [control]
