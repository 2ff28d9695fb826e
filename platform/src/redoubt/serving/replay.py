"""Replay: score logged inputs again with the model that the record names, and compare."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redoubt import digests
from redoubt.records import Checkpoint
from redoubt.serving import journal
from redoubt.serving.core import Core
from redoubt.serving.decision_record import KIND, Recorder

Line = dict[str, Any]
Scene = tuple[Core, Recorder]
SceneOf = Callable[[str], Scene]
OUTSIDE_CORE = "approval_expired"  # the service adds it; the clock, not the inputs, decides it


@dataclass(frozen=True)
class Difference:
    """The first record that did not come out again, and in which field."""

    index: int
    field: str
    recorded: object
    replayed: object

    def __str__(self) -> str:
        return (f"record {self.index} differs in {self.field}: "
                f"recorded {self.recorded!r}, replayed {self.replayed!r}")  # fmt: skip


@dataclass(frozen=True)
class Replay:
    """How many records were replayed with which models, and the first difference if any."""

    replayed: int
    models: tuple[str, ...]
    difference: Difference | None


# control: SRV-08
def replay(folder: Path, checkpoint: Checkpoint | None, n: int, scene_of: SceneOf) -> Replay:
    """Replay the last ``n`` records of a log, oldest first, up to the first difference.

    The chain and its checkpoint are verified first: replaying an edited log shows nothing. Raises
    as :func:`journal.verified`, ``scene_of`` and :meth:`Sealer.open`.
    """
    decided = (line for line in journal.verified(folder, checkpoint) if line[2].get("kind") == KIND)
    lines = deque(decided, maxlen=n)
    models: dict[str, None] = {}
    for count, (index, _, line) in enumerate(lines):
        models[line["model"]] = None
        found = difference(index, line, *scene_of(line["model"]))
        if found:
            return Replay(count, tuple(models), found)
    return Replay(len(lines), tuple(models), None)


# control: SRV-08
def difference(index: int, line: Line, core: Core, now: Recorder) -> Difference | None:
    """Return the first field of a record that scoring its inputs again does not give.

    A shown score is rounded, so it may lie half a unit of its last digit from the new one, plus
    the tolerance that the bundle's golden set declares; everything else must be equal.
    """
    if line["rules"] != now.rules:
        return Difference(index, "rules", line["rules"], now.rules)
    plain = now.sealer.open(line["inputs"], line["request"])
    if digests.digest(plain) != line["input"]:
        return Difference(index, "input", line["input"], digests.digest(plain))
    inputs, _ = core.read(b'{"inputs":' + plain + b"}")
    again = core.decide([inputs])[0].data()
    recorded = _recorded(line)
    for field in ("findings", "action", "reasons"):
        if recorded[field] != again[field]:
            return Difference(index, field, recorded[field], again[field])
    if again["score"] is None or line["score"] is None:
        same = again["score"] is line["score"]
        return None if same else Difference(index, "score", line["score"], again["score"])
    exact = float(core.scores([inputs])[0])
    if not abs(line["score"] - exact) <= _tolerance(core):
        return Difference(index, "score", line["score"], exact)
    band = _band(core, line["score"])
    return None if line["band"] == band else Difference(index, "band", line["band"], band)


def _recorded(line: Line) -> Line:
    """Return the record's outcome without what the service added from outside the core."""
    findings = [item for item in line["findings"] if item["kind"] != OUTSIDE_CORE]
    if len(findings) == len(line["findings"]):
        return line
    if line["action"] != "flag" or findings:
        return line | {"findings": findings}
    return line | {"findings": findings, "action": "score"}


# control: SRV-08
def _tolerance(core: Core) -> float:
    return float(0.5 * 10.0**-core.bundle.bands.digits + core.bundle.golden.tolerance)


def _band(core: Core, score: float) -> str:
    bands = core.bundle.bands
    return bands.names[min(bisect_right(bands.edges, score), len(bands.names) - 1)]
