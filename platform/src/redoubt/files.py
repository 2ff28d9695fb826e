"""Writing files so that a killed command leaves the last good state."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redoubt.errors import Unavailable


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_bytes(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` in one step: the old file or the new one, never half of it.

    Raises Unavailable when the disk is full or read-only; the old file is then untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise Unavailable(
            f"Cannot write {path}: {error.strerror or error}.",
            remedy="free disk space or make the folder writable, then run the same command again",
        ) from error


def write_text(path: Path, text: str) -> None:
    """Like :func:`write_bytes`, for UTF-8 text."""
    write_bytes(path, text.encode())


@contextmanager
def new_folder(final: Path) -> Iterator[Path]:
    """Give a temporary folder that becomes ``final`` when the block ends well.

    An existing ``final`` (content-addressed, so equal) is kept and the new one dropped.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=final.parent, prefix=f".{final.name[:24]}."))
    try:
        yield work
        if final.exists():
            return
        for path in work.rglob("*"):
            if path.is_file():
                with path.open("rb") as stream:
                    os.fsync(stream.fileno())
        os.replace(work, final)
        sync_folder(final.parent)
    except OSError as error:
        raise Unavailable(
            f"Cannot write {final}: {error.strerror or error}.",
            remedy="free disk space or make the folder writable, then run the same command again",
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
