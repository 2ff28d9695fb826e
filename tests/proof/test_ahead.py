"""Facts of many broken copies by one run: each copy gets its own, and a run that fails costs time only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.proof.prove import Proof

FLOOR = """\
import os
import re
from pathlib import Path

from redoubt.proof import fact


def _write(root: Path, work: Path) -> None:
    text = (root / "src/tiny/limit.py").read_text()
    (work / "floor").write_text(re.search(r"FLOOR = (\\d+)", text)[1])


@fact(reads=["src/tiny/**"], together=True)
def floor(root: Path, work: Path) -> None:
    with open(LOG, "a") as log:
        log.write("alone\\n")
    _write(root, work)


def together(root: Path, copies: dict[Path, Path]):
    with open(LOG, "a") as log:
        log.write(f"together {len(copies)}\\n")
    BODY
"""
GOOD = "for copy, work in copies.items():\n        _write(copy, work)\n        yield copy"
UNASKED = """\
from pathlib import Path

from redoubt.proof import proves


@proves("GATE-01.1")
def test_the_floor():
    assert "FLOOR = 10" in Path("src/tiny/limit.py").read_text()
"""
VERIFY = """\
from redoubt.proof import proves


@proves("GATE-01.1")
def test_the_floor(floor):
    found = (floor / "floor").read_text()
    assert found == "10", f"the floor is {found}"
"""


@pytest.fixture
def logged(
    tiny: Path, tmp_path: Path, room: Callable[..., Path], prove: Callable[[], Proof],
    requirement: Callable[..., Any],
) -> Callable[..., list[str]]:  # fmt: skip
    """Return ``logged(body)``: prove a room with two sabotages of one file; what was computed how."""
    log = tmp_path / "log"
    log.write_text("")

    def run(body: str, verify: str = VERIFY) -> list[str]:
        text = FLOOR.replace("BODY", body).replace("LOG", repr(str(log)))
        (tiny / "controls" / "facts" / "floor.py").write_text(text)
        (tiny / "src" / "tiny" / "limit.py").write_text("# control: GATE-01\nFLOOR = 10\n")
        (tiny / "tests" / "test_tiny.py").write_text("def test_it():\n    assert True\n")
        one = {"name": "lower", "quiet": True, "kind": "replace", "path": "src/tiny/limit.py",
               "find": "FLOOR = 10", "with": "FLOOR = 9"}  # fmt: skip
        two = one | {"name": "higher", "with": "FLOOR = 11"}
        room(verify, requirements=requirement(one, two))
        found = prove()
        assert list(found.failures()) == []
        assert [item.red for item in found.breaks] == [("test_the_floor",)] * 2
        logs = next(tmp_path.rglob("GATE-01.1-02.log"), None)
        assert logs is not None
        return log.read_text().splitlines()

    return run


def test_many_copies_are_computed_by_one_run(logged: Callable[..., list[str]]) -> None:
    assert logged(GOOD) == ["alone", "together 2"]


@pytest.mark.parametrize(
    ("body", "alone"),
    [
        ("return []", 2),
        ("raise RuntimeError", 2),
        ("for copy, work in copies.items():\n        _write(copy, work)\n        yield copy\n"
         "        raise RuntimeError", 1),
        ("for copy, work in copies.items():\n        _write(copy, work)\n    return []", 2),
    ],
)  # fmt: skip
def test_what_a_run_did_not_finish_each_copy_computes_itself(
    logged: Callable[..., list[str]], body: str, alone: int
) -> None:
    assert logged(body) == ["alone", "together 2"] + ["alone"] * alone


def test_what_no_test_asks_for_is_not_computed(logged: Callable[..., list[str]]) -> None:
    assert logged(GOOD, UNASKED) == []
