"""Patience with clients: uvicorn waits for ever for the rest of a request, and this does not.

Bytes buy no time, only a whole request or a whole answer does: so every wait for a client has an end,
whether it stalls or trickles, in the TLS handshake, the headers, the body or in reading its answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOOK_SECONDS = 1.0


# control: SRV-01
class Connection(HttpToolsProtocol):
    """Cuts off a client that takes longer than ``request_seconds`` from first to last byte.

    It takes one timer a second and connection, and per request no more than a glance at the clock.
    """

    request_seconds: float

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a first request."""
        super().connection_made(transport)
        self._whole = False
        self._allow(self.request_seconds)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._timer.cancel()
        super().connection_lost(exc)

    # control: SRV-01
    def on_message_begin(self) -> None:
        """Wait for the end of a request."""
        super().on_message_begin()
        self._whole = False
        self._allow(self.request_seconds)

    def on_message_complete(self) -> None:
        """Let the client have its answer, and read it."""
        super().on_message_complete()
        self._whole = True
        self._allow(self.timeout_keep_alive)

    # control: SRV-01
    def on_response_complete(self) -> None:
        """Wait for the next request; what is left of this one has the time that it had."""
        super().on_response_complete()
        if self._whole:
            self._allow(self.timeout_keep_alive)

    def _allow(self, seconds: float) -> None:
        self._due = self.loop.time() + seconds

    # control: SRV-01
    def _look(self) -> None:
        if self.loop.time() >= self._due:
            self.transport.abort()  # a close would wait for the client's goodbye
        self._timer = self.loop.call_later(LOOK_SECONDS, self._look)


# control: SRV-01
def patient(seconds: float) -> type[Connection]:
    """Return the protocol class for a policy's ``request_seconds``."""
    return type("Connection", (Connection,), {"request_seconds": seconds})


# control: SRV-01
def loop_of(seconds: float) -> Callable[[], asyncio.AbstractEventLoop]:
    """Return what makes an event loop in which a TLS handshake may take so long, not a minute."""

    class Loop(uvloop.Loop):
        async def create_server(self, *arguments: Any, **options: Any) -> Any:
            return await super().create_server(
                *arguments, **options | {"ssl_handshake_timeout": seconds}
            )

    return Loop
