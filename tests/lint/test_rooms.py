"""A room that uses a fact wrongly fails lint: the types of facts reach the tests that ask for them."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FACTS = {
    "scale": """\
class Scale:
    limit = 3.0


@fact(reads=[])
def scale(copied, tmp_path_factory) -> Iterator[Scale]:
    assert copied.is_dir(), tmp_path_factory.mktemp("scale")
    yield Scale()
""",
    "copied": """\
@fact(reads=[])
def copied(root, work) -> None:
    (work / "limit").write_text(root.name)
""",
}
HEAD = "from collections.abc import Iterator\n\nfrom redoubt.proof import fact, proves\n\n\n"
ROOM = """\
import pytest

from redoubt.proof import proves

LEVELS = {"low": 1, "high": 2}


@proves("NET-01.1")
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("share", "names"), [(0.5, ("a", "b")), (2, ())])
def test_uses_what_it_is_given(
    scale, copied, copy_of, monkeypatch, level, share, names
):
    monkeypatch.setenv("LEVEL", level.upper())
    assert copy_of(copied).name == str(scale.limit + share + len(names))
"""
WRONG = {
    "scale.limt": '"Scale" has no attribute "limt"',
    "copied.read": '"Path" has no attribute "read"',
    "copy_of(7)": 'Argument 1 has incompatible type "int"; expected "Path"',
    "monkeypatch.set": '"MonkeyPatch" has no attribute "set"',
    "level + 1": 'Unsupported operand types for + ("str" and "int")',
    "share.upper()": 'has no attribute "upper"',
    "names.sort()": 'has no attribute "sort"',
}
VERIFY = "controls/NET-01-no-route/verify.py"
Lint = Callable[[], Any]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def lint(tmp_path: Path, repository: Path, cache: Path, run: Callable[..., Any]) -> Lint:
    """Return ``lint()``: a repository of one room and two facts, checked as ``nox -s lint`` does."""
    shutil.copy2(repository / "mypy.ini", tmp_path / "mypy.ini")
    (tmp_path / "platform").symlink_to(repository / "platform")
    (tmp_path / "controls" / "facts").mkdir(parents=True)
    shutil.copy2(repository / "controls" / "conftest.py", tmp_path / "controls" / "conftest.py")
    for name, text in FACTS.items():
        (tmp_path / "controls" / "facts" / f"{name}.py").write_text(HEAD + text)
    (tmp_path / VERIFY).parent.mkdir()
    (tmp_path / VERIFY).write_text(ROOM)
    paths = os.pathsep.join(map(str, (repository, repository / "platform" / "src")))
    fixed = os.environ | {"PYTHONPATH": paths, "MYPY_CACHE_DIR": str(cache)}
    command = (sys.executable, "-m", "tests.lint.rooms")
    return lambda: run(*command, cwd=tmp_path, env=fixed, check=False)


def test_a_room_that_uses_its_facts_rightly_passes(lint: Lint) -> None:
    done = lint()
    assert (done.returncode, done.stdout[:8]) == (0, "Success:"), done.stdout


def test_each_wrong_use_is_named_at_its_own_line_of_the_room(lint: Lint, tmp_path: Path) -> None:
    start = len(ROOM.splitlines()) + 1
    (tmp_path / VERIFY).write_text(ROOM + "".join(f"    {use}\n" for use in WRONG))
    done = lint()
    found = dict(re.findall(rf"^{VERIFY}:(\d+): error: (.*)$", done.stdout, re.MULTILINE))
    assert done.returncode == 1
    assert list(found) == [str(start + index) for index in range(len(WRONG))]
    assert all(words in found[str(start + index)] for index, words in enumerate(WRONG.values()))


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        (VERIFY, "copied, copy_of", "copid, copy_of", "copid is no fact and no fixture"),
        (VERIFY, "(2, ())", "(print, ())", "the type of print cannot be told"),
        (VERIFY, '"level", LEVELS', '"level", sorted(LEVELS)', "is no literal"),
        ("controls/facts/scale.py", " -> Iterator[Scale]", "", "does not say what it hands out"),
    ],
)
def test_a_type_that_cannot_be_known_fails(
    lint: Lint, tmp_path: Path, path: str, old: str, new: str, words: str
) -> None:  # fmt: skip
    text = (tmp_path / path).read_text()
    assert text.count(old) == 1
    (tmp_path / path).write_text(text.replace(old, new))
    done = lint()
    assert (done.returncode, done.stdout.startswith(path)) == (1, True)
    assert words in done.stdout
