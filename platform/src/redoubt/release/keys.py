"""Development keys: one a purpose, the anchors that trust them, and the development issuer's key."""

from __future__ import annotations

from pathlib import Path

from redoubt import signing
from redoubt.errors import Refused
from redoubt.release import issuer
from redoubt.settings import Settings


def create(settings: Settings) -> tuple[Path, ...]:
    """Create the missing development keys; existing ones are kept. Return what is there now.

    Raises Refused outside development, where keys come from the key service.
    """
    if not settings.development:
        raise Refused(
            f"Keys are never made here in {settings.environment}.",
            remedy="set REDOUBT_KEYS and REDOUBT_ANCHORS to what your key service mounts",
        )
    signing.create_development_keys(settings.keys, settings.anchors)
    issuer.prepare(settings)
    return (*sorted(settings.keys.glob("*.pem")), settings.anchors, settings.jwks)
