"""Sign and verify DSSE envelopes. One key a purpose; trust comes from anchors given by settings.

An anchor file never lies beside what it vouches for: a bundle re-signed with a fresh key is
refused because that key is in no anchor file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, Key, SSlibKey  # type: ignore[attr-defined]

from redoubt import files
from redoubt.errors import Refused, Unavailable

Purpose = Literal["bundle", "gate", "approval", "decision", "checkpoint", "evidence", "source"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
PAYLOAD = "application/vnd.redoubt+json"
IN_TOTO = "application/vnd.in-toto+json"


class Signer(Protocol):
    """Signs bytes for one purpose: a local key here, Vault transit in production."""

    def sign(self, payload: bytes, payload_type: str = PAYLOAD) -> dict[str, Any]:
        """Return a DSSE envelope as JSON data."""


@dataclass(frozen=True)
class LocalSigner:
    """Signs with a P-256 private key in a file."""

    key: Path

    def sign(self, payload: bytes, payload_type: str = PAYLOAD) -> dict[str, Any]:
        """Return a DSSE envelope as JSON data. Raises Unavailable when the key is not there."""
        try:
            private = serialization.load_pem_private_key(self.key.read_bytes(), None)
        except (OSError, ValueError) as error:
            raise Unavailable(
                f"The signing key {self.key.name} cannot be read ({type(error).__name__}).",
                remedy="run `redoubt keys` (development) or set REDOUBT_KEYS to the mounted keys",
            ) from error
        envelope = Envelope(payload, payload_type, {})
        envelope.sign(CryptoSigner(private))
        return envelope.to_dict()


@dataclass(frozen=True)
class Anchors:
    """The public keys that are trusted, by purpose. Several at once allow rotation."""

    keys: dict[str, tuple[str, ...]]
    development: bool

    @classmethod
    def load(cls, path: Path) -> Anchors:
        """Read an anchor file. Raises Unavailable when it is missing or not one."""
        try:
            data = json.loads(path.read_bytes())
            keys = {str(name): tuple(map(str, pems)) for name, pems in data["keys"].items()}
            ids = [_public(pem).keyid for pems in keys.values() for pem in pems]
            development = data["development"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unavailable(
                f"The trust anchors {path} cannot be read ({type(error).__name__}).",
                remedy="run `redoubt keys` (development) or set REDOUBT_ANCHORS to the mounted file",
            ) from error
        if len(set(ids)) < len(ids) or not isinstance(development, bool):
            raise Refused(
                f"The trust anchors {path} use one key twice or do not say development true/false.",
                remedy="give each purpose its own key, so that no signature passes for another",
            )
        return cls(keys, development)

    def pems(self, purpose: Purpose) -> tuple[str, ...]:
        """Return the trusted public keys of a purpose, PEM. Raises Refused when there is none."""
        found = self.keys.get(purpose, ())
        if not found:
            raise Refused(
                f"No trust anchor for {purpose}.",
                remedy="add the public key of that purpose to the anchor file",
            )
        return found

    def verify(self, envelope: Any, purpose: Purpose, payload_type: str = PAYLOAD) -> bytes:
        """Return the payload of an envelope that a trusted key of this purpose signed.

        Raises Refused on any other key, purpose, payload type or a changed byte.
        """
        remedy = "find out who wrote it; only a key in the anchor file may sign this"
        keys: list[Key] = [_public(pem) for pem in self.pems(purpose)]
        try:
            # a deep copy, because from_dict consumes what it is given
            parsed = Envelope.from_dict(json.loads(json.dumps(envelope)))
            parsed.verify(keys, 1)
        except (VerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(f"The {purpose} signature does not verify.", remedy=remedy) from error
        if parsed.payload_type != payload_type:
            raise Refused(f"Unexpected payload type {parsed.payload_type!r}.", remedy=remedy)
        return parsed.payload


@cache
def _public(pem: str) -> SSlibKey:
    return SSlibKey.from_crypto(serialization.load_pem_public_key(pem.encode()))


def public_pem(key: Path) -> str:
    """Return the PEM of the public half of a private key file."""
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    return (
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def create_key(path: Path) -> None:
    """Write a new P-256 private key, readable by its owner only; an existing one is kept."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    files.write_bytes(path, pem)  # a temporary file is born 0600, and so is what it becomes


def create_development_keys(
    keys: Path, anchors: Path, purposes: Iterable[Purpose] = PURPOSES
) -> None:
    """Create missing development keys and the anchor file that marks them as development."""
    chosen = tuple(purposes)
    for purpose in chosen:
        create_key(keys / f"{purpose}.pem")
    content = {
        "development": True,
        "keys": {purpose: [public_pem(keys / f"{purpose}.pem")] for purpose in chosen},
    }
    files.write_text(anchors, json.dumps(content, indent=2) + "\n")
