"""A decision log in a folder of its own, with the keys of its checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from redoubt import chain, signing
from redoubt.serving import journal
from redoubt.serving.decision_log import DecisionLog


@dataclass(frozen=True)
class Place:
    """Where a log lies, where its checkpoints go, and who signs them."""

    folder: Path
    checkpoint: Path
    signer: signing.LocalSigner
    anchors: signing.Anchors

    def opened(self, **options: Any) -> DecisionLog:
        return DecisionLog.open(
            self.folder, self.checkpoint, self.signer, anchors=self.anchors, **options
        )

    def verified(self) -> chain.Head:
        return journal.verify(
            self.folder, chain.read_checkpoint(self.checkpoint, "decisions", self.anchors)
        )

    def filled(self, n: int, **options: Any) -> list[Path]:
        """Write a whole log of ``n`` lines; return its segments."""
        log = self.opened(**options)
        for number in range(n):
            log.append_many([{"number": number}])
        log.close()
        return journal.segments(self.folder)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    signing.create_development_keys(tmp_path / "keys", tmp_path / "anchors.json")
    return Place(
        tmp_path / "decisions",
        tmp_path / "second" / "decisions.json",
        signing.LocalSigner(tmp_path / "keys" / "checkpoint.pem"),
        signing.Anchors.load(tmp_path / "anchors.json"),
    )
