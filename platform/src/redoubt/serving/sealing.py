"""Seals the inputs of a decision record: AES-256-GCM, so that the log holds no readable person.

Who destroys the key makes every input unreadable and leaves the chain whole and verifiable.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from redoubt import digests, files
from redoubt.errors import Refused, Unavailable
from redoubt.settings import Settings

KEY_BYTES, NONCE_BYTES = 32, 12
FILE = "decision-inputs.key"


class Sealer:
    """Seals and opens with one key; the sealed text names the key by its fingerprint."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._prefix = f"v1.{digests.short(digests.digest(key))}."

    @classmethod
    def of(cls, settings: Settings) -> Sealer:
        """Read the key beside the signing keys; in development a missing one is created.

        Raises Unavailable when it cannot be read, is no key, or lies open to others.
        """
        path = settings.keys / FILE
        if settings.development and not path.exists():
            files.write_bytes(path, os.urandom(KEY_BYTES))
            path.chmod(0o600)
        return cls(_read(path))

    # control: SRV-08
    def seal(self, plain: bytes, request: str) -> str:
        """Return the sealed bytes as text, bound to the request's id."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, plain, request.encode())
        return self._prefix + b64encode(sealed).decode()

    def open(self, sealed: str, request: str) -> bytes:
        """Return what was sealed for this request.

        Raises Unavailable when another key sealed it, Refused when it was changed or moved.
        """
        if not sealed.startswith(self._prefix):
            raise Unavailable(
                f"The inputs were sealed with key {sealed.split('.')[1:2]}, not {self._prefix!r}.",
                remedy=f"put that key in place as {FILE} in REDOUBT_KEYS",
            )
        try:
            data = b64decode(sealed[len(self._prefix) :], validate=True)
            nonce, text = data[:NONCE_BYTES], data[NONCE_BYTES:]
            return self._cipher.decrypt(nonce, text, request.encode())
        except (InvalidTag, ValueError) as error:
            raise Refused(
                f"The sealed inputs of request {request} were changed.",
                remedy="verify the log with `redoubt log verify`",
            ) from error


def plain_inputs(inputs: dict[str, Any]) -> bytes:
    """Return the inputs as JSON with sorted keys: the bytes that are digested and sealed."""
    return orjson.dumps(inputs, option=orjson.OPT_SORT_KEYS)


# control: SRV-08
def _read(path: Path) -> bytes:
    try:
        key, mode = path.read_bytes(), path.stat().st_mode
    except OSError as error:
        raise Unavailable(
            f"The key {path} cannot be read ({type(error).__name__}).",
            remedy=f"mount {KEY_BYTES} random bytes there, readable by the service only",
        ) from error
    if len(key) != KEY_BYTES or mode & 0o077:
        raise Unavailable(
            f"{path} has {len(key)} bytes and mode {mode & 0o777:o}.",
            remedy=f"it must hold {KEY_BYTES} random bytes with mode 600",
        )
    return key
