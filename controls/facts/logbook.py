"""The fact ``logbook``: opens a private copy of the ``decided`` project's log, to read or to attack."""

import csv
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from pyarrow import parquet

from redoubt import chain, limits, records, signing
from redoubt import project as projects
from redoubt.proof import fact
from redoubt.serving import batch, journal, replay, scenes, tables
from redoubt.serving.decision_log import DecisionLog, places
from redoubt.serving.decision_record import KIND
from redoubt.serving.sealing import FILE, Sealer
from redoubt.settings import Settings

Line = dict[str, Any]


class Logbook:
    """One log on disk, its checkpoint, and what it takes to replay it."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(root=root)
        self.folder, self.second_place = places(self.settings, "decisions")
        self.sealer = Sealer.of(self.settings)

    @property
    def key(self) -> Path:
        """Return the key that opens the inputs."""
        return self.settings.keys / FILE

    def sealer_again(self) -> Sealer:
        """Read the key as a starting service does."""
        return Sealer.of(self.settings)

    @property
    def text(self) -> Path:
        (path,) = journal.segments(self.folder)
        return path

    @property
    def lines(self) -> list[Line]:
        return [line for _, _, line in journal.walk(self.folder)]

    def checkpoint(self) -> records.Checkpoint | None:
        return chain.read_checkpoint(self.second_place, "decisions", self.settings.trust)

    @property
    def checkpointed(self) -> int:
        """Return how many lines the checkpoint speaks of."""
        found = self.checkpoint()
        return found.count if found else 0

    def verified(self) -> int:
        return journal.verify(self.folder, self.checkpoint()).count

    def rewrite(self, change: Callable[[list[bytes]], list[bytes]]) -> None:
        self.text.write_bytes(b"".join(change(self.text.read_bytes().splitlines(keepends=True))))

    def broken_at(self) -> int | None:
        """Return the line at which the log does not hold; None when it does."""
        try:
            self.verified()
        except chain.ChainBroken as error:
            return error.index
        return None

    def cut(self, lines: list[bytes]) -> list[bytes]:
        return lines[:-1]

    def relinked(self, lines: list[bytes]) -> list[bytes]:
        """Return an edited log that was chained anew, as somebody without a key could do it."""
        made, head = [], chain.GENESIS
        for line in lines:
            value = orjson.loads(line) | {"prev": head, "caller": "nobody"}
            made.append(orjson.dumps(value) + b"\n")
            head = chain.line_hash(made[-1][:-1])
        return made

    def restart(self) -> None:
        """Open the log as a starting service does."""
        DecisionLog.of(self.settings).close()

    def batched(self, *odd: dict[str, Any]) -> tuple[batch.Summary, list[Line], list[Line]]:
        """Score the golden rows as a file; return summary, decisions on record and result rows.

        Each of ``odd`` is a row more: the first golden one, changed.
        """
        core, recorder = self.scene_of(self.lines[0]["model"])
        golden, source = core.bundle.golden.inputs, self.settings.root / "rows.csv"
        rows = [dict(zip(golden, row, strict=True)) for row in zip(*golden.values(), strict=True)]
        with source.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, [*golden, tables.REFERENCE])
            writer.writeheader()
            writer.writerows([*rows, *(rows[0] | change for change in odd)])
        log, final = DecisionLog.of(self.settings, batch.BATCHES), source.with_suffix(".parquet")
        summary = batch.Batch(core, recorder, log, "mira").run(source, final)
        log.close()
        folder, _ = places(self.settings, batch.BATCHES)
        lines = [line for _, _, line in journal.walk(folder) if line["kind"] == KIND]
        return summary, lines, parquet.read_table(final).to_pylist()

    def forge_checkpoint(self, keys: Path) -> None:
        signing.create_development_keys(keys, keys / "anchors.json", ["checkpoint"])
        forger = signing.LocalSigner(keys / "checkpoint.pem")
        chain.write_checkpoint(self.second_place, "decisions", chain.Head(), forger)

    @cached_property
    def scene_of(self) -> replay.SceneOf:
        return scenes.of(self.settings, projects.load(self.settings.root))

    @property
    def rules(self) -> str:
        """Return the digest of the policy that decides here."""
        places = projects.load(self.settings.root).jurisdictions
        return limits.load(self.settings.root, "serving", 1, places).rules

    def replayed(self, n: int, **changes: Any) -> replay.Replay:
        """Replay the last ``n`` records, against a recorder that is changed."""

        def scene_of(model: str) -> replay.Scene:
            core, recorder = self.scene_of(model)
            return core, replace(recorder, **changes)

        return replay.replay(self.folder, self.checkpoint(), n, scene_of)

    def difference(self, line: Line) -> replay.Difference | None:
        return replay.difference(line["seq"], line, *self.scene_of(line["model"]))


@fact(reads=["platform/src/redoubt/serving/**", "platform/src/redoubt/chain.py"])
def logbook(decided: Path, copy_of: Callable[[Path], Path]) -> Callable[..., Logbook]:
    """Return ``logbook()``, or ``logbook(root)`` to read the log of a project where it lies."""
    return lambda root=None: Logbook(root or copy_of(decided))
