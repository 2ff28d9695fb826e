"""Who is calling: one security dependency that verifies the bearer token before anything is parsed."""

from __future__ import annotations

import hashlib
import logging
import math
import os
import time
from dataclasses import dataclass

from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection

from redoubt.errors import RedoubtError
from redoubt.identity import Identity, NotAuthenticated, Verifier
from redoubt.serving import logs
from redoubt.serving.budget import Budget
from redoubt.serving.metrics import Metrics
from redoubt.serving.policy import Policy
from redoubt.serving.problems import Turned
from redoubt.settings import Settings

MOST_TOKENS = 4096
LONGEST_SECONDS = 60.0
SCHEME = b"bearer "


class TokenCache:
    """Fully verified tokens only, by SHA-256, bounded; each leaves at its expiry, at latest a minute."""

    def __init__(self, most: int = MOST_TOKENS) -> None:
        self._most = most
        self._known: dict[bytes, tuple[float, Identity]] = {}

    def get(self, key: bytes) -> Identity | None:
        """Return the identity of a token that was verified a moment ago and has not expired."""
        found = self._known.get(key)
        if found is None:
            return None
        if time.monotonic() >= found[0]:
            del self._known[key]
            return None
        return found[1]

    # control: SRV-01
    def put(self, key: bytes, identity: Identity) -> None:
        """Keep a verified token until it expires, at most a minute; the oldest makes room."""
        if len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        seconds = min(identity.expires - time.time(), LONGEST_SECONDS)
        self._known[key] = (time.monotonic() + seconds, identity)

    def clear(self) -> None:
        """Forget every token, as after a change of keys."""
        self._known.clear()

    def __len__(self) -> int:
        return len(self._known)


class Keys:
    """The issuer's public keys, read again when their file changes; a bad new file changes nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen = self._state()
        self.verifier = Verifier.from_settings(settings)

    def _state(self) -> tuple[int, int, int]:
        try:
            found = os.stat(self._settings.jwks)
        except OSError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    # control: SRV-01
    def changed(self) -> bool:
        """Read the keys again if their file changed; say whether there are new ones."""
        state = self._state()
        if state == self._seen:
            return False
        self._seen = state
        try:
            self.verifier = Verifier.from_settings(self._settings)
        except RedoubtError:
            logs.event("keys_unreadable", level=logging.ERROR)
            return False
        logs.event("keys_reloaded")
        return True


@dataclass
class Budgets:
    """Requests of a subject, refused tokens of an address, and log lines about them."""

    subjects: Budget
    failures: Budget
    lines: Budget

    @classmethod
    def of(cls, policy: Policy) -> Budgets:
        """Return the budgets of a policy."""
        return cls(
            Budget(policy.requests_per_second, policy.burst),
            Budget(policy.failures_per_second, policy.failure_burst),
            Budget(5, 50),
        )

    def forget(self) -> None:
        """Drop what is full again."""
        for budget in (self.subjects, self.failures, self.lines):
            budget.forget(time.monotonic())


# control: SRV-01
class Caller(HTTPBearer):
    """The security scheme of every route: OpenAPI shows it and the route class awaits it first."""

    def __init__(self, keys: Keys, budgets: Budgets, metrics: Metrics) -> None:
        super().__init__(bearerFormat="JWT", scheme_name="token", auto_error=False)
        self._keys = keys
        self._budgets = budgets
        self._metrics = metrics
        self.tokens = TokenCache()

    async def __call__(self, request: HTTPConnection) -> Identity:  # type: ignore[override]
        """Return the caller. Raises Turned 401 or 429, before the body is read."""
        return self.identify(request)

    # control: SRV-01
    def require(self, request: HTTPConnection, scopes: frozenset[str]) -> Identity:
        """Return the caller if its token carries every scope. Raises Turned 401, 403 or 429."""
        identity = self.identify(request)
        if not scopes <= identity.scopes:
            self._note("scope", request, "the token lacks the scope")
            raise Turned(403)
        return identity

    # control: SRV-01
    # control: MON-01
    def identify(self, request: HTTPConnection) -> Identity:
        """Return the identity behind the bearer token. Raises Turned 401 or 429."""
        values = [value for name, value in request.scope["headers"] if name == b"authorization"]
        if len(values) != 1 or values[0][:7].lower() != SCHEME:
            self._note("missing", request, "no bearer token")
            raise Turned(401)
        token = values[0][7:].strip()
        key = hashlib.sha256(token).digest()
        return self.tokens.get(key) or self._verify(token, key, request)

    # control: SRV-01
    # control: MON-01
    def _verify(self, token: bytes, key: bytes, request: HTTPConnection) -> Identity:
        peer, now = _peer(request), time.monotonic()
        wait = self._budgets.failures.wait(peer, now)
        if wait:
            self._metrics.refused["budget"].inc()
            raise Turned(429, headers=retry_after(wait))
        try:
            identity = self._keys.verifier.verify(token.decode("ascii"))
        except (NotAuthenticated, UnicodeDecodeError) as error:
            self._budgets.failures.take(peer, now)
            self._note("invalid", request, getattr(error, "message", "not ASCII"))
            raise Turned(401) from None
        self.tokens.put(key, identity)
        return identity

    def spend(self, identity: Identity) -> None:
        """Take one request of the subject's budget. Raises Turned 429."""
        now = time.monotonic()
        if not self._budgets.subjects.take(identity.subject, now):
            raise Turned(
                429, headers=retry_after(self._budgets.subjects.wait(identity.subject, now))
            )

    def observe(self, status: int) -> None:
        """Count an answer by its status."""
        self._metrics.status[str(status)].inc()

    # control: SRV-01
    def refresh(self) -> None:
        """Take new keys if there are any, and forget tokens that old keys vouched for."""
        if self._keys.changed():
            self.tokens.clear()
        self._budgets.forget()

    # control: MON-05
    def _note(self, cause: str, request: HTTPConnection, reason: str) -> None:
        """Count a refusal; log it without the token, and not without bound."""
        self._metrics.refused[cause].inc()
        if self._budgets.lines.take("", time.monotonic()):
            logs.event("caller_refused", level=logging.WARNING, reason=reason)


def retry_after(seconds: float) -> dict[str, str]:
    """Return the header that tells a caller when to come back, in whole seconds."""
    return {"retry-after": str(math.ceil(min(seconds, 3600)) or 1)}


def _peer(request: HTTPConnection) -> str:
    client = request.scope.get("client")
    return client[0] if client else ""
