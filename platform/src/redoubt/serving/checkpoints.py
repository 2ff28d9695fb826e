"""Signs the head of the decision log into a second place, on a thread of its own."""

from __future__ import annotations

import threading
from pathlib import Path

from redoubt import chain, signing
from redoubt.errors import RedoubtError
from redoubt.serving.journal import LogFailed

EVERY, SECONDS, OVERDUE = 1_000, 10.0, 10


class Checkpointer:
    """Writes a checkpoint after ``every`` decisions, after ``seconds``, and at the end.

    A dropped tail shows only back to the last checkpoint. When the second place does not answer,
    decisions go on until ``OVERDUE * every`` of them are uncovered; then the log fails.
    """

    def __init__(
        self, path: Path, name: str, signer: signing.Signer, *, every: int = EVERY,
        seconds: float = SECONDS,
    ) -> None:  # fmt: skip
        self._path, self._name, self._signer = path, name, signer
        self._every, self._seconds = every, seconds
        self._newest = self._covered = chain.Head()
        self._wake, self._closing = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name=f"checkpoint-{name}", daemon=True)
        self.error = ""

    def start(self, head: chain.Head) -> None:
        """Sign the head that the start verified, then watch. Raises what the signer or disk raises."""
        self._newest = head
        self._write()
        self._thread.start()

    # control: SRV-08
    def committed(self, head: chain.Head) -> None:
        """Note a head that is on disk. Raises LogFailed when too many decisions are uncovered."""
        self._newest = head
        uncovered = head.count - self._covered.count
        if uncovered >= self._every:
            self._wake.set()
        if uncovered >= OVERDUE * self._every and self.error:
            raise LogFailed(f"no checkpoint for {uncovered} decisions ({self.error})")

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(self._seconds)
            self._wake.clear()
            try:
                self._write()
            except (RedoubtError, OSError) as error:
                self.error = str(error)

    # control: SRV-08
    def _write(self) -> None:
        head = self._newest
        if head.count > self._covered.count or not self._path.exists():
            chain.write_checkpoint(self._path, self._name, head, self._signer)
            self._covered, self.error = head, ""

    # control: SRV-08
    def close(self) -> None:
        """Write the last checkpoint. Raises Unavailable when the second place does not answer."""
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._write()
