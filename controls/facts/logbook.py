"""The fact ``logbook``: opens a private copy of the ``decided`` project's log, to read or to attack."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from redoubt import chain, records, signing
from redoubt import project as projects
from redoubt.proof import fact
from redoubt.serving import batch, journal, replay, scenes
from redoubt.serving.decision_log import DecisionLog, places
from redoubt.serving.decision_record import KIND
from redoubt.serving.sealing import Sealer
from redoubt.settings import Settings


class Logbook:
    """One log on disk, its checkpoint, and what it takes to replay it."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(root=root)
        self.folder, self.second_place = places(self.settings, "decisions")
        self.sealer = Sealer.of(self.settings)

    @property
    def text(self) -> Path:
        (path,) = journal.segments(self.folder)
        return path

    @property
    def lines(self) -> list[dict[str, Any]]:
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

    def batched(self) -> tuple[batch.Summary, list[dict[str, Any]]]:
        """Score the golden rows as a file; return the summary and the decisions on record."""
        core, recorder = self.scene_of(self.lines[0]["model"])
        golden, source = core.bundle.golden.inputs, self.settings.root / "rows.csv"
        rows = [",".join("" if v is None else str(v) for v in row)
                for row in zip(*golden.values(), strict=True)]  # fmt: skip
        source.write_text("\n".join([",".join(golden), *rows]) + "\n")
        log = DecisionLog.of(self.settings, batch.BATCHES)
        run = batch.Batch(core, recorder, log, "mira")
        summary = run.run(source, self.settings.root / "results.parquet")
        log.close()
        folder, _ = places(self.settings, batch.BATCHES)
        return summary, [line for _, _, line in journal.walk(folder) if line["kind"] == KIND]

    def forge_checkpoint(self, keys: Path) -> None:
        signing.create_development_keys(keys, keys / "anchors.json", ["checkpoint"])
        forger = signing.LocalSigner(keys / "checkpoint.pem")
        chain.write_checkpoint(self.second_place, "decisions", chain.Head(), forger)

    @cached_property
    def scene_of(self) -> replay.SceneOf:
        return scenes.of(self.settings, projects.load(self.settings.root))

    def replayed(self, n: int) -> replay.Replay:
        return replay.replay(self.folder, self.checkpoint(), n, self.scene_of)

    def difference(self, line: dict[str, Any]) -> replay.Difference | None:
        return replay.difference(line["seq"], line, *self.scene_of(line["model"]))


@fact(reads=["platform/src/redoubt/serving/**", "platform/src/redoubt/chain.py"])
def logbook(decided: Path, copy_of: Callable[[Path], Path]) -> Callable[[], Logbook]:
    return lambda: Logbook(copy_of(decided))
