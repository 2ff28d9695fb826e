"""The fact ``logbook``: opens a private copy of the ``decided`` project's log, to read or to attack."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from redoubt import chain, records, signing
from redoubt import project as projects
from redoubt.proof import fact
from redoubt.serving import journal, replay, scenes
from redoubt.serving.decision_log import places
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

    def verified(self) -> int:
        return journal.verify(self.folder, self.checkpoint()).count

    def rewrite(self, change: Callable[[list[bytes]], list[bytes]]) -> None:
        self.text.write_bytes(b"".join(change(self.text.read_bytes().splitlines(keepends=True))))

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
