"""The fact ``power_cut``: what a power cut at the worst moment would leave of acknowledged decisions.

After each returned ``fdatasync`` the length of the file is noted: only that much is sure to survive,
and only if the folder was written to disk after the file had come into it.
"""

import asyncio
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from redoubt import signing
from redoubt.proof import fact
from redoubt.serving.decision_log import DecisionLog

CLIENTS, ROUNDS = 40, 5
FSYNC = os.fsync


@dataclass
class Disk:
    """Counts the lines that are surely on disk, and what was acknowledged beyond them."""

    named: set[str] = field(default_factory=set)
    durable: int = 0
    acknowledged: int = 0
    lost: int = 0

    def sync(self, handle: int) -> None:
        FSYNC(handle)
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        if path.is_dir():
            self.named |= {str(inside) for inside in path.iterdir()}
        elif str(path) in self.named:
            self.durable = path.read_bytes()[: os.fstat(handle).st_size].count(b"\n")

    async def client(self, log: DecisionLog) -> None:
        seq = await log.append({"at": "now"})
        self.acknowledged += 1
        self.lost += seq >= self.durable


@fact(reads=["platform/src/redoubt/serving/**", "platform/src/redoubt/chain.py"])
def power_cut() -> Disk:
    disk = Disk()
    with (
        tempfile.TemporaryDirectory() as name,
        mock.patch("os.fdatasync", disk.sync),
        mock.patch("os.fsync", disk.sync),
    ):
        asyncio.run(_load(Path(name), disk))
    return disk


async def _load(folder: Path, disk: Disk) -> None:
    signing.create_development_keys(folder / "keys", folder / "anchors.json", ["checkpoint"])
    log = DecisionLog.open(
        folder / "decisions", folder / "second" / "decisions.json",
        signing.LocalSigner(folder / "keys" / "checkpoint.pem"),
        anchors=signing.Anchors.load(folder / "anchors.json"),
    )  # fmt: skip
    for _ in range(ROUNDS):
        await asyncio.gather(*(disk.client(log) for _ in range(CLIENTS)))
    await log.aclose()
