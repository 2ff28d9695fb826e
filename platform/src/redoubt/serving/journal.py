"""The decision log on disk: one hash chain over numbered segment files, one writer, owner only.

A segment is named by the sequence number of its first line, and that line links to the last line
of the segment before, so the segments in order are one chain in the format of ``redoubt.chain``.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from redoubt import chain, clock, files
from redoubt.errors import Refused, Unavailable
from redoubt.records import Checkpoint

SEGMENT_BYTES = 16 << 20
LOCK = ".lock"
Line = tuple[int, bytes, dict[str, Any]]


class LogFailed(Unavailable):
    """The log can no longer keep decisions. Final: only a restart, which verifies it, ends this."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The decision log has stopped: {why}.",
            remedy="free or repair the disk, then restart; no decision is served without its record",
        )


def segments(folder: Path) -> list[Path]:
    """Return the segment files, oldest first."""
    return sorted(folder.glob("[0-9]*.jsonl"))


def segment_name(first: int) -> str:
    """Return the name of the segment whose first line has this sequence number."""
    return f"{first:012d}.jsonl"


def walk(
    folder: Path, paths: list[Path] | None = None, start: chain.Head | None = None
) -> Iterator[Line]:
    """Yield (index, raw line, parsed line) over all segments, or over ``paths`` from ``start``.

    A line that a living writer has not finished ends the walk. Raises ChainBroken at the edited,
    deleted or reordered line, or where a segment is missing.
    """
    last = start or chain.Head()
    for path in segments(folder) if paths is None else paths:
        if int(path.stem) != last.count:
            raise chain.ChainBroken(path, last.count, "the lines before this segment are missing")
        try:
            for index, line, value in chain.read(path, last):
                last = chain.Head(index + 1, chain.line_hash(line))
                yield index, line, value
        except chain.TornLine:
            if not being_written(folder):
                raise
            return


def being_written(folder: Path) -> bool:
    """Say whether a process holds the folder's lock."""
    if not (folder / LOCK).exists():
        return False
    with (folder / LOCK).open() as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


# control: SRV-08
def verify(folder: Path, checkpoint: Checkpoint | None) -> chain.Head:
    """Verify every segment and the signed checkpoint; return the head. Raises as :func:`verified`."""
    last = chain.Head()
    for index, line, _ in verified(folder, checkpoint):
        last = chain.Head(index + 1, chain.line_hash(line))
    return last


def verified(folder: Path, checkpoint: Checkpoint | None) -> Iterator[Line]:
    """Yield every line of the log; only when it ends without an error does the log hold.

    Raises ChainBroken at the line that tells, or where lines known to the checkpoint are missing;
    Refused when there are lines and no checkpoint, or when others than the owner can reach them.
    """
    require_private(folder)
    return _against(folder, walk(folder), checkpoint)


# control: SRV-08
def _against(folder: Path, lines: Iterator[Line], known: Checkpoint | None) -> Iterator[Line]:
    """Pass lines on, comparing the running head with the checkpoint where they meet."""
    count = 0
    for index, line, value in lines:
        count = index + 1
        if known and known.count == count and known.head != chain.line_hash(line):
            raise chain.ChainBroken(folder, index, "differs from the signed checkpoint")
        yield index, line, value
    if known is None and count:
        raise Refused(
            f"{folder.name} has {count} decisions and no signed checkpoint.",
            remedy="restore the checkpoint from its second place; open an incident if it is gone",
        )
    if known and count < known.count:
        raise chain.ChainBroken(folder, count, "lines that the signed checkpoint knows are missing")


# control: SRV-08
def require_private(folder: Path) -> None:
    """Refuse a log that others than its owner can read or write (folder 0700, files 0600)."""
    for path in (folder, *segments(folder)):
        if path.exists() and path.stat().st_mode & 0o077:
            raise Refused(
                f"{path} is open to others (mode {path.stat().st_mode & 0o777:o}).",
                remedy=f"find out who could change it, then: chmod -R go= {folder}",
            )


class Journal:
    """The one writer of a log folder. Not thread-safe: one thread calls :meth:`write`."""

    def __init__(self, folder: Path, limit: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self.head = chain.Head()
        self._limit = limit
        self._handle = -1
        self._size = 0
        self._day = date.min
        self._lock = _lock(folder)

    # control: SRV-08
    def resume(self, checkpoint: Checkpoint | None) -> chain.Head:
        """Cut a torn last line, verify from the segment that the checkpoint vouches for, open it.

        The checkpoint's head covers every older segment, so a start does not read them all;
        `redoubt log verify` does. Raises as :func:`verify`, and Unavailable on a disk error.
        """
        try:
            require_private(self.folder)
            if found := segments(self.folder):
                chain.cut_torn_line(found[-1])
            paths = _since(found, checkpoint.count if checkpoint else 0)
            self.head = start = _start(paths)
            lines = walk(self.folder, paths, start)
            for index, line, _ in _against(self.folder, lines, checkpoint):
                self.head = chain.Head(index + 1, chain.line_hash(line))
            current = found[-1] if found else self.folder / segment_name(0)
            self._open(current)
        except OSError as error:
            self.close()
            raise _unwritable(self.folder, error) from error
        except Refused:
            self.close()
            raise
        return self.head

    # control: SRV-08
    def write(self, lines: list[bytes]) -> None:
        """Append whole lines and return when they are on disk. Raises OSError: then it is over."""
        if self._size and (self._size >= self._limit or clock.now().date() != self._day):
            self._rotate()
        data = memoryview(b"".join(lines))
        self._size += len(data)
        while data:
            data = data[os.write(self._handle, data) :]
        os.fdatasync(self._handle)
        self.head = chain.Head(self.head.count + len(lines), chain.line_hash(lines[-1][:-1]))

    def _rotate(self) -> None:
        os.close(self._handle)
        self._open(self.folder / segment_name(self.head.count))

    def _open(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.fsync(self._handle)
        files.sync_folder(self.folder)
        self._size = os.fstat(self._handle).st_size
        self._day = clock.now().date()

    def close(self) -> None:
        """Release the files and the lock."""
        for handle in (self._handle, self._lock):
            if handle >= 0:
                os.close(handle)
        self._handle = self._lock = -1


# control: SRV-08
def _since(found: list[Path], count: int) -> list[Path]:
    """Return the segments from the one that holds line ``count - 1`` on."""
    first = [path for path in found if int(path.stem) < max(count, 1)]
    return found[max(0, len(first) - 1) :]


def _start(paths: list[Path]) -> chain.Head:
    """Return the head that the first of these segments takes up, as its first line says.

    Raises ChainBroken when that line is none; whether the head is true, the checkpoint tells.
    """
    if not paths or not int(paths[0].stem):
        return chain.Head()
    count = int(paths[0].stem)
    with paths[0].open("rb") as stream:
        try:
            return chain.Head(count, str(orjson.loads(stream.readline())["prev"]))
        except (ValueError, KeyError, TypeError) as error:
            raise chain.ChainBroken(paths[0], count, "not a line of the chain") from error


def _lock(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise Unavailable(
            f"Another process writes {folder.name}.",
            remedy="stop it first; each service or batch keeps a chain of its own",
        ) from error
    return handle


def _unwritable(folder: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"Cannot write {folder}: {error.strerror or error}.",
        remedy="free disk space or make the folder writable, then start again",
    )
