"""The fact ``killed``: what ``kill -9`` under load leaves of the decisions that were acknowledged."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from redoubt import chain, signing
from redoubt.proof import fact
from redoubt.serving import journal
from redoubt.serving.decision_log import DecisionLog

CLIENTS, ENOUGH = 32, 200
DISK = 0.02  # seconds that a write takes: where it takes none, a kill hits none under way


@dataclass(frozen=True)
class Aftermath:
    """How many decisions were acknowledged before the kill, and how many a restart found."""

    acknowledged: int
    kept: int


@fact(reads=["platform/src/redoubt/serving/**", "platform/src/redoubt/chain.py"])
def killed() -> Aftermath:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        signing.create_development_keys(folder / "keys", folder / "anchors.json", ["checkpoint"])
        heard, tell = os.pipe()
        if (child := os.fork()) == 0:
            os.close(heard)
            with mock.patch.object(os, "fdatasync", _slowly):
                asyncio.run(_load(folder, tell))
        os.close(tell)
        with os.fdopen(heard, "rb", buffering=0) as stream:
            acknowledged = len(stream.read(1))
            while acknowledged < ENOUGH and (more := stream.read(ENOUGH)):
                acknowledged += len(more)
            os.kill(child, signal.SIGKILL)
            acknowledged += len(stream.readall())
        os.waitpid(child, 0)
        _open(folder).close()
        anchors = signing.Anchors.load(folder / "anchors.json")
        checkpoint = chain.read_checkpoint(folder / "second.json", "decisions", anchors)
        return Aftermath(acknowledged, journal.verify(folder / "decisions", checkpoint).count)


def _slowly(handle: int, write: Callable[[int], None] = os.fdatasync) -> None:
    time.sleep(DISK)
    write(handle)


def _open(folder: Path) -> DecisionLog:
    return DecisionLog.open(
        folder / "decisions", folder / "second.json",
        signing.LocalSigner(folder / "keys" / "checkpoint.pem"),
        anchors=signing.Anchors.load(folder / "anchors.json"),
    )  # fmt: skip


async def _load(folder: Path, tell: int) -> None:
    log = _open(folder)

    async def client() -> None:
        while True:
            await log.append({"at": "now"})
            os.write(tell, b".")

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
