"""Who is acting: a verified JWT becomes an identity with roles; the duties matrix says what it may do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jwt
import yaml

from redoubt import plain_yaml
from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.records import Actor
from redoubt.settings import DEVELOPMENT_ISSUER, Settings

ALGORITHMS = ("ES256", "RS256", "PS256", "EdDSA")
MAX_TOKEN = 8192


class NotAuthenticated(Refused):
    """The token does not prove who is calling. The reason is for logs, not for the caller."""


@dataclass(frozen=True)
class Identity:
    """A caller whose token verified. ``expires`` is a Unix time in seconds."""

    subject: str
    issuer: str
    roles: frozenset[str]
    scopes: frozenset[str]
    expires: float

    def actor(self) -> Actor:
        """Return what records keep of this identity."""
        return Actor(subject=self.subject, issuer=self.issuer, roles=tuple(sorted(self.roles)))


class Verifier:
    """Verifies tokens of one issuer and audience against a set of public keys, loaded once."""

    def __init__(self, issuer: str, audience: str, jwks: dict[str, Any]) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(jwks).keys}

    @classmethod
    def from_settings(cls, settings: Settings) -> Verifier:
        """Load the issuer's keys. Raises Unavailable when they are missing or unreadable."""
        if settings.issuer == DEVELOPMENT_ISSUER and not settings.development:
            raise Refused("The development issuer is trusted in development only.",
                          remedy="set REDOUBT_ISSUER and REDOUBT_JWKS")  # fmt: skip
        try:
            return cls(settings.issuer, settings.audience, _read_jwks(settings.jwks))
        except (jwt.PyJWTError, TypeError, AttributeError) as error:
            raise Unavailable(f"{settings.jwks} is not a JSON Web Key Set.",
                              remedy="restore the issuer's key set") from error  # fmt: skip

    # control: SRV-01
    def verify(self, token: str) -> Identity:
        """Return the identity behind a token. Raises NotAuthenticated, saying why."""
        if len(token) > MAX_TOKEN:
            raise NotAuthenticated("The token is too long.")
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys[header["kid"]]
            algorithm = key.algorithm_name
            if algorithm not in ALGORITHMS:
                raise NotAuthenticated(f"Algorithm {algorithm} is not accepted.")
            claims = jwt.decode(
                token, key, algorithms=[algorithm], audience=self._audience, issuer=self._issuer,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )  # fmt: skip
        except KeyError as error:
            raise NotAuthenticated("The token names no known key.") from error
        except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError) as error:
            raise NotAuthenticated(f"The token is not valid ({type(error).__name__}).") from error
        return _identity(claims)


def _identity(claims: dict[str, Any]) -> Identity:
    roles, scope = claims.get("roles", []), claims.get("scope", "")
    if not isinstance(roles, list) or not isinstance(scope, str) or not claims["sub"]:
        raise NotAuthenticated("The token's claims are malformed.")
    return Identity(
        str(claims["sub"]), str(claims["iss"]), frozenset(map(str, roles)),
        frozenset(scope.split()), float(claims["exp"]),
    )  # fmt: skip


def _read_jwks(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"The issuer's keys {path} cannot be read ({type(error).__name__}).",
            remedy="run `redoubt issuer start` (development) or set REDOUBT_JWKS",
        ) from error


@dataclass(frozen=True)
class Duties:
    """Which action each role may do, and which two actions no role may hold together."""

    roles: dict[str, frozenset[str]]
    toxic: tuple[frozenset[str], ...]

    def conflicts(self) -> list[str]:
        """Return a sentence for each role that holds a toxic combination."""
        return [
            f"{role} holds {' + '.join(sorted(pair))}"
            for role, actions in sorted(self.roles.items())
            for pair in self.toxic
            if pair <= actions
        ]

    def allowed(self, identity: Identity | Actor) -> frozenset[str]:
        """Return every action that an identity's roles allow; unknown roles allow nothing."""
        return frozenset().union(*(self.roles.get(role, frozenset()) for role in identity.roles))

    # control: IAM-02
    def require(self, identity: Identity | Actor, action: str) -> None:
        """Refuse an action that no role of the identity holds, and one that is toxic with another.

        A person with two harmless roles may hold a toxic pair of actions; neither is then allowed.
        """
        allowed = self.allowed(identity)
        for pair in self.toxic:
            if action in pair and pair <= allowed:
                raise Refused(
                    f"{identity.subject} ({', '.join(sorted(identity.roles))}) holds "
                    f"{' + '.join(sorted(pair))}.",
                    remedy="take one of the roles away; duties are separated by person",
                )
        if action not in allowed:
            raise Refused(
                f"{identity.subject} ({', '.join(sorted(identity.roles)) or 'no role'}) "
                f"may not {action}.",
                remedy=f"ask somebody with a role that may {action}: {', '.join(self.who(action))}",
            )

    def who(self, action: str) -> list[str]:
        """Return the roles that may do an action."""
        return sorted(role for role, actions in self.roles.items() if action in actions)


# control: IAM-02
def same_person(one: str, other: str) -> bool:
    """Say whether two subjects are one person: case and outer white space do not make two."""
    return one.strip().casefold() == other.strip().casefold()


@cache
def _floor() -> dict[str, Any]:
    text = resources.files("redoubt.policy").joinpath("roles.yml").read_text()
    return dict(plain_yaml.load(text))


# control: IAM-02
def duties(root: Path) -> Duties:
    """Return the platform's matrix, tightened by ``conf/roles.yml`` when there is one.

    An override may take actions away from a role; adding one is refused with the floor quoted.
    """
    floor = {role: frozenset(actions) for role, actions in _floor()["roles"].items()}
    toxic = tuple(frozenset(pair) for pair in _floor()["toxic"])
    effective = dict(floor)
    for role, actions in _override(root / "conf" / "roles.yml").items():
        if role not in floor or not isinstance(actions, list):
            raise BadInput(f"conf/roles.yml says {role!r}: {actions!r}.",
                           remedy=f"list actions of one of {', '.join(sorted(floor))}")  # fmt: skip
        extra = frozenset(actions) - floor[role]
        if extra:
            raise BadInput(
                f"conf/roles.yml gives {role} {', '.join(sorted(extra))}; the platform's floor "
                f"for {role} is {', '.join(sorted(floor[role]))}.",
                remedy="overrides may only take actions away",
            )
        effective[role] = frozenset(actions)
    matrix = Duties(effective, toxic)
    if matrix.conflicts():
        raise Refused("; ".join(matrix.conflicts()) + ".", remedy="separate the duties")
    return matrix


def _override(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return dict((plain_yaml.load(path.read_text()) or {}).get("roles") or {})
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise BadInput(f"{path} cannot be read ({type(error).__name__}).",
                       remedy="write `roles:` with a list of actions a role") from error  # fmt: skip


def acting(settings: Settings) -> Identity:
    """Return the identity of the person at the command line, from their token.

    Raises Unavailable when there is no token and NotAuthenticated when it does not verify.
    """
    token = settings.token.get_secret_value() if settings.token else ""
    path = settings.token_file or (settings.state / "issuer" / "token" if settings.development
                                   else None)  # fmt: skip
    if not token and path and path.exists():
        token = path.read_text().strip()
    if not token:
        raise Unavailable(
            "Nobody is signed in.",
            remedy="run `redoubt login NAME` (development) or set REDOUBT_TOKEN",
        )
    return Verifier.from_settings(settings).verify(token)
