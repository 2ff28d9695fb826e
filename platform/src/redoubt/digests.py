"""Canonical JSON and SHA-256 digests: the only way anything here is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

CHUNK = 1 << 20


def canonical(value: Any) -> bytes:
    """Serialise JSON data to one byte string: sorted keys, no white space, UTF-8.

    Raises ValueError on NaN and infinities, which JSON cannot hold.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def digest(data: bytes) -> str:
    """Return ``sha256:<64 hex digits>`` of the bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """Return the digest of a value's canonical JSON."""
    return digest(canonical(value))


def digest_file(path: Path) -> str:
    """Return the digest of a file, read in chunks so that its size does not matter."""
    sha = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            sha.update(chunk)
    return "sha256:" + sha.hexdigest()


def digest_files(files: Mapping[str, str]) -> str:
    """Return one digest for a set of files, given as relative POSIX path -> digest."""
    return digest_of(dict(files))


def tree(root: Path, paths: Iterable[Path]) -> dict[str, str]:
    """Map each file's POSIX path relative to ``root`` to its digest."""
    return {path.relative_to(root).as_posix(): digest_file(path) for path in sorted(paths)}


def short(value: str) -> str:
    """Return the first twelve hex digits of a digest, for people."""
    return value.removeprefix("sha256:")[:12]
