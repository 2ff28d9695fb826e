"""How a gate talks to a running service: JSON over TLS with the given CA, or a refusal to go on."""

from __future__ import annotations

import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from redoubt.errors import BadInput, Unavailable
from redoubt.gates.candidate import Service

SECONDS, RETRIES, TOO_MANY = 10.0, 20, 429


@dataclass(frozen=True)
class Answer:
    """One response: status, parsed body (None when it is no JSON object) and how long it took."""

    status: int
    body: dict[str, Any] | None
    seconds: float


class Client(Protocol):
    """Asks a service."""

    def get(self, path: str) -> Answer:
        """Return the answer to a GET."""

    def post(self, path: str, value: dict[str, Any]) -> Answer:
        """Return the answer to a POST of JSON."""


# control: GATE-09
# control: NET-04
class Http:
    """A client of one service; connections are kept open and may be used by several threads."""

    def __init__(self, service: Service) -> None:
        import httpx

        if urlsplit(service.url).scheme != "https":
            raise BadInput(f"{service.url!r} is not https.", remedy="give the URL that serves TLS")
        try:
            trust = ssl.create_default_context(cafile=service.ca)
        except OSError as error:
            raise Unavailable(f"The CA file {service.ca} cannot be read.",
                              remedy="give the CA that signed the service's certificate") from error  # fmt: skip
        self._client = httpx.Client(
            base_url=service.url, verify=trust, timeout=SECONDS, trust_env=False,
            headers={"Authorization": f"Bearer {service.token}"},
        )  # fmt: skip

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections: a server that is told to stop waits for open ones."""
        self._client.close()

    def get(self, path: str) -> Answer:
        """Return the answer to a GET."""
        return self._ask("GET", path, None)

    def post(self, path: str, value: dict[str, Any]) -> Answer:
        """Return the answer to a POST of JSON."""
        return self._ask("POST", path, value)

    def _ask(self, method: str, path: str, value: dict[str, Any] | None) -> Answer:
        """Return the answer; a request over this caller's budget is asked again when there is room."""
        for _ in range(RETRIES):
            answer, wait = self._once(method, path, value)
            if answer.status != TOO_MANY:
                break
            time.sleep(wait)
        return answer

    # control: GATE-09
    def _once(self, method: str, path: str, value: dict[str, Any] | None) -> tuple[Answer, float]:
        import httpx

        start = time.perf_counter()
        try:
            response = self._client.request(method, path, json=value)
        except httpx.HTTPError as error:
            raise Unavailable(f"{method} {path}: {type(error).__name__}.",
                              remedy="see whether the service runs with this CA") from error  # fmt: skip
        seconds = time.perf_counter() - start
        try:
            body = response.json()
        except ValueError:
            body = None
        wait = response.headers.get("retry-after", "")
        pause = min(float(wait), SECONDS) if wait.isdigit() else 1.0
        return Answer(
            response.status_code, body if isinstance(body, dict) else None, seconds
        ), pause


def load(client: Client, path: str, values: list[dict[str, Any]], connections: int) -> list[Answer]:
    """Post every value, ``connections`` at a time, and return the answers in order."""
    with ThreadPoolExecutor(connections) as pool:
        return list(pool.map(lambda value: client.post(path, value), values))
