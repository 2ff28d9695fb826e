"""The decision log: hash-chained, acknowledged only when on disk, checkpointed in a second place.

Group commit: while one batch is on its way to the disk the next gathers, so there is no timer and
one fdatasync serves every caller that waits. One event loop (or one batch run) writes one chain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson

from redoubt import chain, clock, signing
from redoubt.serving.checkpoints import EVERY, SECONDS, Checkpointer
from redoubt.serving.journal import SEGMENT_BYTES, Journal, LogFailed
from redoubt.settings import Settings

SERVICE = "decisions"
Entry = dict[str, Any]
Waiting = list[tuple[bytes, "asyncio.Future[None]"]]

__all__ = ["SERVICE", "DecisionLog", "LogFailed", "places"]


def places(settings: Settings, name: str) -> tuple[Path, Path]:
    """Return a log's folder and the file of its checkpoint: a service writes nowhere else."""
    # control: SRV-07
    return settings.state / name, settings.checkpoints / f"{name}.json"


class DecisionLog:
    """One writer of one chain. Use :meth:`append` in an event loop, or :meth:`append_many` without."""

    def __init__(self, journal: Journal, checkpoints: Checkpointer) -> None:
        self._journal = journal
        self._checkpoints = checkpoints
        self._head = journal.head
        self._pending: Waiting = []
        self._writer: asyncio.Task[None] | None = None
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="decision-log")
        self._failure = ""

    @classmethod
    def open(
        cls, path: Path, checkpoint_path: Path, signer: signing.Signer, *,
        anchors: signing.Anchors, name: str = SERVICE, every: int = EVERY,
        seconds: float = SECONDS, segment_bytes: int = SEGMENT_BYTES,
    ) -> DecisionLog:  # fmt: skip
        """Lock the folder, cut a torn last line, verify against the checkpoint, and open.

        Raises Unavailable when another process writes it or the disk refuses, ChainBroken or
        Refused when the chain, its checkpoint or its file modes do not hold, or the clock lies
        before the checkpoint.
        """
        journal = Journal(path, segment_bytes)
        try:
            known = chain.read_checkpoint(checkpoint_path, name, anchors)
            clock.after(known.at if known else None)
            head = journal.resume(known)
            checkpoints = Checkpointer(checkpoint_path, name, signer, every=every, seconds=seconds)
            checkpoints.start(head)
        except BaseException:
            journal.close()
            raise
        return cls(journal, checkpoints)

    @classmethod
    def of(cls, settings: Settings, name: str = SERVICE) -> DecisionLog:
        """Open the log of this name where the settings say. Raises as :meth:`open`."""
        folder, checkpoint = places(settings, name)
        signer = settings.signer("checkpoint")
        return cls.open(folder, checkpoint, signer, anchors=settings.trust, name=name)

    @property
    def failure(self) -> str:
        """Say why the log stopped; empty while it works. A service is not ready when it is set."""
        return self._failure

    @property
    def checkpoint_error(self) -> str:
        """Say why the last checkpoint could not be written; empty when it could."""
        return self._checkpoints.error

    @property
    def count(self) -> int:
        """Return how many decisions the chain holds, those still on their way included."""
        return self._head.count

    # control: SRV-08
    async def append(self, entry: Entry) -> int:
        """Append one decision; return its sequence number once it is on disk.

        A cancelled caller cancels nobody else, and its decision stays. Raises LogFailed when the
        disk did not take it, and from then on always.
        """
        loop = asyncio.get_running_loop()
        seq, line = self._link(entry)
        durable = loop.create_future()
        self._pending.append((line, durable))
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._write_pending(loop))
        await durable
        return seq

    # control: SRV-08
    def append_many(self, entries: Iterable[Entry]) -> range:
        """Append a batch with one fdatasync; return its sequence numbers. Raises LogFailed."""
        first = self._head.count
        lines = [self._link(entry)[1] for entry in entries]
        if lines:
            try:
                self._commit(lines)
            except Exception as error:  # whatever it was, the chain's end is now unknown
                raise self._fail(error) from error
        return range(first, self._head.count)

    # control: SRV-08
    def _link(self, entry: Entry) -> tuple[int, bytes]:
        if self._failure:
            raise LogFailed(self._failure)
        if "seq" in entry or "prev" in entry:
            raise ValueError("an entry brings no seq or prev: the log gives them")
        seq = self._head.count
        line = orjson.dumps({"seq": seq, "prev": self._head.hash, **entry})
        self._head = chain.Head(seq + 1, chain.line_hash(line))
        return seq, line + b"\n"

    async def _write_pending(self, loop: asyncio.AbstractEventLoop) -> None:
        batch: Waiting = []
        try:
            while self._pending:
                batch, self._pending = self._pending, []
                lines = [line for line, _ in batch]
                await loop.run_in_executor(self._disk, self._commit, lines)
                for _, durable in batch:
                    if not durable.done():
                        durable.set_result(None)
        except Exception as error:  # whatever it was, nobody waiting may believe it is on disk
            failed = self._fail(error)
            for _, durable in batch + self._pending:
                if not durable.done():
                    durable.set_exception(failed)
            self._pending = []

    # control: SRV-08
    def _commit(self, lines: list[bytes]) -> None:
        self._journal.write(lines)
        self._checkpoints.committed(self._journal.head)

    # control: SRV-08
    def _fail(self, error: Exception) -> LogFailed:
        self._failure = str(error) or type(error).__name__
        return LogFailed(self._failure)

    async def aclose(self) -> None:
        """Wait for what is on its way, sign the last checkpoint, release the lock."""
        if self._writer is not None:
            await self._writer
        await asyncio.get_running_loop().run_in_executor(None, self.close)

    def close(self) -> None:
        """Sign the last checkpoint and release the lock; a failed log keeps its older checkpoint."""
        self._disk.shutdown()
        try:
            self._checkpoints.close()
        finally:
            self._journal.close()
