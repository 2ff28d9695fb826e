"""The fact ``small_log``: what a decision log does about its second place while it is open.

Its segments hold one decision each, so that a restart has to read from the right one on.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redoubt import chain, signing
from redoubt.errors import Unavailable
from redoubt.proof import fact
from redoubt.serving import checkpoints, journal
from redoubt.serving.decision_log import DecisionLog, LogFailed

NEVER, PATIENCE = 10_000, 5.0


class Unreachable:
    """A signer that signs what the start verified, and nothing more."""

    def __init__(self, signer: signing.Signer) -> None:
        self._signer, self._left = signer, 1

    def sign(self, payload: bytes, *more: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise Unavailable("The second place does not answer.", remedy="restore it")
        return self._signer.sign(payload, *more)


class SmallLog:
    """Each method opens logs in folders of their own."""

    every, seconds = checkpoints.EVERY, checkpoints.SECONDS

    def __init__(self, new: Callable[[], Path]) -> None:
        self._new, self._keys = new, new()
        anchors = self._keys / "anchors.json"
        signing.create_development_keys(self._keys, anchors, ["checkpoint"])
        self._anchors = signing.Anchors.load(anchors)
        self._signer = signing.LocalSigner(self._keys / "checkpoint.pem")

    def _open(self, root: Path, signer: Any = None, **options: Any) -> DecisionLog:
        return DecisionLog.open(root / "log", root / "second.json", signer or self._signer,
                                anchors=self._anchors, segment_bytes=1, **options)  # fmt: skip

    def _covered(self, root: Path) -> int:
        found = chain.read_checkpoint(root / "second.json", "decisions", self._anchors)
        return found.count if found else -1

    def covered_while_open(self, **options: Any) -> int:
        """Return how many of 4 decisions a checkpoint soon covers while the log is still open."""
        root = self._new()
        log, deadline = self._open(root, **options), time.monotonic() + PATIENCE
        log.append_many({"at": "now"} for _ in range(4))
        while self._covered(root) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        covered = self._covered(root)
        log.close()
        return covered

    def kept_without_a_second_place(self) -> int:
        """Return how many decisions a log takes whose second place does not answer, at most 99."""
        log, taken = self._open(self._new(), Unreachable(self._signer), every=2), 0
        try:
            while taken < 99:
                log.append_many([{"at": "now"}])
                taken += 1
                time.sleep(0.01)  # the thread that writes checkpoints has its turn
        except LogFailed:
            pass
        return taken

    def restarted(self, edited: int | None = None) -> int:
        """Kill a log after 6 decisions of which 2 are covered; start again, one line edited or none.

        Returns how many decisions the start found, or the line at which it says the chain breaks.
        """
        root = self._new()
        first = self._open(root)
        first.append_many([{"at": "now"}])
        first.append_many([{"at": "now"}])
        first.close()
        asyncio.run(self._killed(root))
        if edited is not None:
            path = journal.segments(root / "log")[edited]
            path.write_bytes(path.read_bytes().replace(b"now", b"won"))
        try:
            again = self._open(root)
        except chain.ChainBroken as error:
            return -error.index
        count = again.count
        again.close()
        return count

    async def _killed(self, root: Path) -> None:
        log = self._open(root, every=NEVER, seconds=NEVER)
        for _ in range(4):
            await log.append({"at": "now"})
        log._journal.close()


@fact(reads=["platform/src/redoubt/serving/**", "platform/src/redoubt/chain.py"])
def small_log(tmp_path_factory: Any) -> SmallLog:
    return SmallLog(lambda: tmp_path_factory.mktemp("small-log"))
