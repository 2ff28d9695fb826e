"""A client's handle of a running service, and a way to run one for the length of a block."""

from __future__ import annotations

import http.client
import json
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redoubt import processes
from redoubt.serving import tls
from redoubt.settings import Settings

SECONDS = 20.0
Token = Callable[..., str]


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower case) and body of one answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the parsed body."""
        return json.loads(self.body)


@dataclass
class Service:
    """Speaks to one service. ``token(subject, **claims)`` gives a bearer token of this machine."""

    url: str
    ca: Path
    token: Token
    root: Path
    log: Path
    certificate: tuple[Path, Path] | None = None
    _open: http.client.HTTPSConnection | None = field(default=None, repr=False)

    def request(
        self, method: str, path: str, *, token: str | None = None, body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """Send one request on a kept connection. Raises OSError when nobody answers."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        try:
            return self._exchange(method, path, body, sent)
        except (http.client.HTTPException, ConnectionError):
            self.close()  # the server closed an idle connection; a second failure is the answer
            return self._exchange(method, path, body, sent)

    def get(self, path: str, token: str | None = None) -> Answer:
        """GET a path."""
        return self.request("GET", path, token=token)

    def post(self, inputs: Mapping[str, Any], *, token: str | None = None, **extra: Any) -> Answer:
        """Ask for a decision as ``loan-app`` or with the token given."""
        body = json.dumps({"inputs": dict(inputs), **extra}).encode()
        return self.send(body, token=token)

    def send(self, body: bytes, *, token: str | None = None) -> Answer:
        """Send raw bytes where a decision is asked for."""
        asked = token if token is not None else self.token("loan-app")
        return self.request("POST", "/v1/decisions", token=asked, body=body)

    def close(self) -> None:
        """Close the kept connection."""
        if self._open is not None:
            self._open.close()
            self._open = None

    # control: NET-04
    def context(self) -> ssl.SSLContext:
        """Return the client's TLS context: this CA only, and the client certificate if there is one."""
        made = ssl.create_default_context(cafile=str(self.ca))
        if self.certificate:
            made.load_cert_chain(*self.certificate)
        return made

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        if self._open is None:
            where = urlsplit(self.url)
            self._open = http.client.HTTPSConnection(
                where.hostname or "", where.port, timeout=SECONDS, context=self.context()
            )
        self._open.request(method, path, body, dict(headers))
        found = self._open.getresponse()
        data = found.read()
        if found.will_close:
            self.close()
        return Answer(found.status, {k.lower(): v for k, v in found.getheaders()}, data)

    def ready(self) -> bool:
        """Say whether the service is ready."""
        with suppress(OSError, http.client.HTTPException):
            return self.get("/readyz").status == 200
        self.close()
        return False


def command(settings: Settings, port: int, candidate: str | None = None) -> list[str]:
    """Return the command of a service child, in the serving environment where there is one."""
    python = settings.serving_python if settings.serving_python.exists() else Path(sys.executable)
    words = [str(python), "-m", "redoubt.serving", "--port", str(port)]
    return words + (["--candidate", candidate] if candidate else [])


@contextmanager
def running(
    settings: Settings, token: Token, *, candidate: str | None = None, seconds: float = 30.0,
    environment: Mapping[str, str] | None = None, certificate: tuple[Path, Path] | None = None,
) -> Iterator[Service]:  # fmt: skip
    """Run a service of a project as a child on a free loopback port.

    Raises Unavailable with the end of its log when it exits or is not ready in time.
    """
    port = processes.free_port()
    tls.prepare(settings)
    log = settings.state / "run" / f"service-{port}.log"
    service = Service(
        f"https://127.0.0.1:{port}", tls.authority(settings), token, settings.root, log, certificate
    )
    extra = {"REDOUBT_ROOT": str(settings.root)} | dict(environment or {})
    with ExitStack() as stack:
        stack.enter_context(processes.running(
            command(settings, port, candidate), healthy=service.ready, log=log, seconds=seconds,
            environment=processes.child_environment(settings.root, extra),
        ))  # fmt: skip
        stack.callback(service.close)
        yield service
