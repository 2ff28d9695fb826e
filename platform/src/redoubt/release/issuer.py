"""The development issuer: short-lived tokens for invented people, on this machine only.

It stands in for the bank's identity provider, so that identities are real, verified tokens from
the first minute. Outside development it does not start, and nothing it signed is accepted.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives import serialization

from redoubt import digests, files, plain_yaml, signing
from redoubt.errors import BadInput, Refused
from redoubt.identity import Identity, Verifier
from redoubt.settings import DEVELOPMENT_ISSUER, Settings

ALGORITHM: Literal["ES256"] = "ES256"


@dataclass(frozen=True)
class Person:
    """An invented person or program: roles, scopes and how many hours a token lasts."""

    subject: str
    name: str
    roles: tuple[str, ...]
    scope: str
    hours: float


@cache
def people() -> dict[str, Person]:
    """Return the people and programs of ``policy/development.yml`` by subject."""
    text = resources.files("redoubt.policy").joinpath("development.yml").read_text()
    data = plain_yaml.load(text)
    return {
        subject: Person(subject, item["name"], tuple(item["roles"]), item.get("scope", ""),
                        item["hours"])
        for subject, item in (data["people"] | data["programs"]).items()
    }  # fmt: skip


def person(subject: str) -> Person:
    """Return one of them. Raises BadInput naming those that exist."""
    if subject not in people():
        raise BadInput(
            f"The development issuer knows no {subject!r}.",
            remedy=f"use one of {', '.join(people())}",
        )
    return people()[subject]


def home(settings: Settings) -> Path:
    """Return the issuer's folder. Raises Refused outside development."""
    if not settings.development or settings.issuer != DEVELOPMENT_ISSUER:
        raise Refused(
            f"The development issuer does not act in {settings.environment} for {settings.issuer}.",
            remedy="sign in at your identity provider and set REDOUBT_TOKEN_FILE",
        )
    return settings.state / "issuer"


def prepare(settings: Settings) -> None:
    """Create the issuer's key, public key set and client secret when they are missing."""
    key = home(settings) / "issuer.pem"
    signing.create_key(key)
    if not settings.jwks.exists():
        files.write_text(settings.jwks, json.dumps({"keys": [_jwk(key)]}, indent=2) + "\n")
    secret = home(settings) / "secret"
    if not secret.exists():
        files.write_text(secret, secrets.token_urlsafe(32))


def _jwk(key: Path) -> dict[str, Any]:
    public = serialization.load_pem_public_key(signing.public_pem(key).encode())
    data: dict[str, Any] = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(public))  # type: ignore[arg-type]
    return data | {"use": "sig", "alg": ALGORITHM, "kid": _kid(key)}


def _kid(key: Path) -> str:
    return digests.short(digests.digest(signing.public_pem(key).encode()))


def mint(settings: Settings, subject: str, **claims: Any) -> str:
    """Return a token of a development person; ``claims`` replace what it would say.

    A claim given as None is left out, so that tests can forge whatever a token may lack.
    """
    prepare(settings)
    who = people().get(subject) or Person(subject, subject, (), "", 1)
    now = int(time.time())
    said = {
        "iss": settings.issuer,
        "sub": subject,
        "aud": settings.audience,
        "iat": now,
        "exp": now + int(who.hours * 3600),
        "roles": list(who.roles),
        "scope": who.scope,
    } | claims
    key = home(settings) / "issuer.pem"
    present = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(present, key.read_bytes(), ALGORITHM, headers={"kid": _kid(key)})


def identity(settings: Settings, subject: str, **claims: Any) -> Identity:
    """Return the verified identity of a development person, as a fresh token gives it."""
    return Verifier.from_settings(settings).verify(mint(settings, subject, **claims))
