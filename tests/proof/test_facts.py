"""Facts: computed once, again when what they read changes, and never poisoned by a broken copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.errors import BadInput
from redoubt.proof import facts
from redoubt.proof.prove import Proof

COUNTED = """\
from pathlib import Path

from redoubt.proof import fact
from tiny.limit import FLOOR


@fact(reads=["src/tiny/**"])
def counted(work: Path) -> None:
    (work / "floor").write_text(str(FLOOR))
"""
NEEDING = """\
from pathlib import Path

from redoubt.proof import fact


@fact(reads=["project.yml"])
def needing(counted: Path, work: Path) -> None:
    (work / "floor").write_text((counted / "floor").read_text())
"""
VERIFY = """\
from redoubt.proof import proves


@proves("GATE-01.1")
def test_the_floor(needing):
    assert (needing / "floor").read_text() == "10"
"""


@pytest.fixture
def store(tiny: Path) -> Callable[[], facts.Store]:
    (tiny / "controls" / "facts" / "counted.py").write_text(COUNTED)
    (tiny / "controls" / "facts" / "needing.py").write_text(NEEDING)
    return lambda: facts.Store(tiny, facts.declared(tiny / "controls" / "facts"))


def test_a_key_follows_what_is_read_and_needed(tiny: Path, store: Callable[[], Any]) -> None:
    first = {name: store().key(name) for name in ("counted", "needing", "root")}
    assert first == {name: store().key(name) for name in ("counted", "needing", "root")}
    (tiny / "tests" / "test_tiny.py").write_text("")
    assert store().key("counted") == first["counted"]
    (tiny / "src" / "tiny" / "deeper").mkdir()
    (tiny / "src" / "tiny" / "deeper" / "a.py").write_text("")
    assert store().key("counted") != first["counted"]
    assert store().key("needing") != first["needing"]


def test_a_fact_is_computed_once_and_again_when_written_into(
    tiny: Path, store: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    monkeypatch.setattr(
        facts.Fact, "function",
        lambda self: lambda work, **needs: (calls.append(self.name), (work / "a").write_text("x")),
    )  # fmt: skip
    folder = store().folder("counted", lambda name: name)
    assert store().folder("counted", lambda name: name) == folder
    assert calls == ["counted"]
    (folder / "a").write_text("changed")
    store().folder("counted", lambda name: name)
    assert calls == ["counted"] * 2


def test_a_computation_that_failed_is_done_again(
    tiny: Path, store: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(work: Path) -> None:
        (work / "half").write_text("")
        raise RuntimeError

    monkeypatch.setattr(facts.Fact, "function", lambda self: fail)
    with pytest.raises(RuntimeError):
        store().folder("counted", lambda name: name)
    monkeypatch.setattr(facts.Fact, "function", lambda self: lambda work: None)
    assert list(store().folder("counted", lambda name: name).iterdir()) == []


def test_a_broken_copy_computes_what_it_touched_and_poisons_nothing(
    tiny: Path, room: Callable[..., Path], store: Callable[[], Any], prove: Callable[[], Proof],
    requirement: Callable[..., Any],
) -> None:  # fmt: skip
    lower = {"name": "a lower floor", "quiet": True, "kind": "replace", "with": "FLOOR = 9",
             "path": "src/tiny/limit.py", "find": "FLOOR = 10"}  # fmt: skip
    (tiny / "src" / "tiny" / "limit.py").write_text(
        '"""Limits."""\n\n# control: GATE-01\nFLOOR = 10\n\n\ndef allowed(value: int) -> bool:\n'
        '    """Say so."""\n    return value >= FLOOR\n'
    )
    room(VERIFY, requirements=requirement(lower))
    assert list(prove().failures()) == []
    kept = tiny / "var" / "proof" / "facts"
    assert {path.read_text() for path in kept.glob("*/work/floor")} == {"10"}
    assert len(list(kept.glob("counted-*/"))) == 1


def test_a_file_declares_the_fact_it_is_named_after(tiny: Path) -> None:
    folder = tiny / "controls" / "facts"
    (folder / "other.py").write_text(COUNTED)
    with pytest.raises(BadInput, match="declares \\['counted'\\]"):
        facts.declared(folder)


def test_a_deep_fact_is_not_evaluated_until_asked_for(
    tiny: Path, room: Callable[..., Path], judge: Callable[..., Any]
) -> None:
    deep = COUNTED.replace('["src/tiny/**"]', '["src/tiny/**"], deep=True')
    (tiny / "controls" / "facts" / "counted.py").write_text(deep)
    room(VERIFY.replace("needing", "counted"))
    item = judge().judged[0]
    assert (item.result, item.remedy) == ("not-evaluated", "run `redoubt verify --deep`")
    assert judge(deep=True).judged[0].result == "pass"
    assert judge().judged[0].result == "pass"
