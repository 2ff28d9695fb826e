"""Hash-chained JSON lines: the ledger, the decision log and the evidence share this format.

A line is a JSON object that starts ``{"seq":N,"prev":"<64 hex>"``; ``prev`` is the SHA-256 of the
line before, without its newline. A checkpoint in a second place tells when the tail is missing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redoubt import clock, digests, files, signing
from redoubt.errors import Refused, Unavailable
from redoubt.records import Checkpoint

GENESIS = "0" * 64


class ChainBroken(Refused):
    """The chain does not hold; ``index`` is the first line (from 0) that tells."""

    def __init__(self, path: Path, index: int, why: str) -> None:
        super().__init__(
            f"{path.name}: the chain breaks at line {index} ({why}).",
            remedy="keep the file as evidence, restore the last verified copy, open an incident",
        )
        self.index = index


class TornLine(ChainBroken):
    """The last line has no newline: its writer died, or is writing it just now."""


@dataclass(frozen=True)
class Head:
    """Where a chain stands: how many lines it has and the hash of the last one."""

    count: int = 0
    hash: str = GENESIS


def line_hash(line: bytes) -> str:
    """Return the hash that the next line must carry as ``prev``."""
    return hashlib.sha256(line).hexdigest()


# control: SRV-08
def read(path: Path, start: Head | None = None) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Yield (index, raw line, parsed line), checking sequence and hashes on the way.

    ``start`` is where the file takes a chain up that began in another file. A missing file is an
    empty chain. Raises ChainBroken at the first line that does not fit; a last line without
    newline counts as broken (writers cut it first, it was never acknowledged).
    """
    if not path.exists():
        return
    first, previous = (start or Head()).count, (start or Head()).hash
    with path.open("rb") as stream:
        for index, raw in enumerate(stream, first):
            if not raw.endswith(b"\n"):
                raise TornLine(path, index, "torn line")
            line = raw[:-1]
            try:
                value = json.loads(line)
            except ValueError as error:
                raise ChainBroken(path, index, "not JSON") from error
            if not isinstance(value, dict) or value.get("seq") != index:
                raise ChainBroken(path, index, "wrong sequence number")
            if value.get("prev") != previous:
                edited = max(0, index - 1) if _holds(line, next(stream, b"")) else index
                raise ChainBroken(path, edited, "its hash is not what the chain says")
            previous = line_hash(line)
            yield index, line, value


def _holds(line: bytes, following: bytes) -> bool:
    """Say whether a line is itself unchanged, so that a wrong link accuses the line before it."""
    try:
        value = json.loads(following) if following else {"prev": line_hash(line)}
    except ValueError:
        return True
    return isinstance(value, dict) and value.get("prev") == line_hash(line)


def head(path: Path) -> Head:
    """Verify the whole chain and return its head."""
    last = Head()
    for index, line, _ in read(path):
        last = Head(index + 1, line_hash(line))
    return last


def cut_torn_line(path: Path) -> int:
    """Remove an unfinished last line, which nobody was told about; return the bytes removed."""
    if not path.exists():
        return 0
    data = path.read_bytes()
    keep = data.rfind(b"\n") + 1
    if keep < len(data):
        with path.open("r+b") as stream:
            stream.truncate(keep)
            os.fsync(stream.fileno())
    return len(data) - keep


def append(path: Path, values: list[dict[str, Any]]) -> Head:
    """Append lines under a lock, on disk before it returns; return the new head.

    Raises Unavailable when the disk refuses; what was there before stays whole.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            cut_torn_line(path)
            last = head(path)
            for value in values:
                line = digests.canonical({"seq": last.count, "prev": last.hash} | value)
                stream.write(line + b"\n")
                last = Head(last.count + 1, line_hash(line))
            stream.flush()
            os.fsync(stream.fileno())
        files.sync_folder(path.parent)
    except OSError as error:
        raise Unavailable(
            f"Cannot append to {path}: {error.strerror or error}.",
            remedy="free disk space or make the file writable, then run the same command again",
        ) from error
    return last


def write_checkpoint(path: Path, name: str, last: Head, signer: signing.Signer) -> None:
    """Put a signed statement of the head in a second place."""
    record = Checkpoint(chain=name, count=last.count, head=last.hash, at=clock.now())
    files.write_text(path, json.dumps(signer.sign(record.canonical()), indent=1))


# control: SRV-06
def read_checkpoint(path: Path, name: str, anchors: signing.Anchors) -> Checkpoint | None:
    """Return the verified checkpoint, or None when there is none yet.

    Raises Refused when it is not signed by a checkpoint key or speaks of another chain.
    """
    if not path.exists():
        return None
    try:
        envelope = json.loads(path.read_bytes())
    except ValueError as error:
        raise Refused(f"{path.name} is not a checkpoint.", remedy="restore its copy") from error
    record = Checkpoint.model_validate_json(anchors.verify(envelope, "checkpoint"))
    if record.chain != name:
        raise Refused(f"{path.name} is the checkpoint of {record.chain!r}.", remedy="restore it")
    return record


# control: SRV-06
def verify(path: Path, checkpoint: Checkpoint | None) -> Head:
    """Verify a chain against its checkpoint and return the head.

    Raises ChainBroken at the edited, reordered or deleted line, or where the tail was dropped.
    """
    last = Head()
    anchored = checkpoint is None or checkpoint.count == 0
    for index, line, _ in read(path):
        last = Head(index + 1, line_hash(line))
        if checkpoint is not None and last.count == checkpoint.count:
            if last.hash != checkpoint.head:
                raise ChainBroken(path, index, "differs from the signed checkpoint")
            anchored = True
    if not anchored:
        raise ChainBroken(path, last.count, "lines that the signed checkpoint knows are missing")
    return last
