"""Both ways on a tiny catalogue: what counts as red, and everything that does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.proof import prove as proving
from redoubt.proof import rooms, workers

Room = Callable[..., Path]


@pytest.fixture(autouse=True)
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "HEAVY", ())


def prove(root: Path) -> proving.Proof:
    return proving.prove(root, rooms.read(root), root / "var" / "out")[0]


def failures(root: Path) -> str:
    return "\n".join(prove(root).failures())


def requirement(*breaks: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    return [{"id": "GATE-01.1", "claim": "A low value is denied.", "subject": "machinery",
             "breaks": list(breaks)} | changes]  # fmt: skip


def test_a_healthy_room_is_proven_both_ways(tiny: Path, room: Room) -> None:
    proof = prove(tiny)
    assert list(proof.failures()) == []
    assert proof.breaks[0].red == ("test_a_low_value_is_denied",)
    assert (tiny / "src" / "tiny" / "limit.py").read_text().count("FLOOR") == 2
