"""The route class: FastAPI's typed signature and OpenAPI, and the shortest way from socket to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response, params
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from redoubt.serving.auth import Caller
from redoubt.serving.problems import HEADERS, Turned, response

MAX_BODY = 65_536
BODY_SECONDS = 10.0
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JSON(Response):
    """A JSON answer with the fixed headers."""

    media_type = "application/json"

    def __init__(self, content: Any) -> None:
        super().__init__(orjson.dumps(content), headers=HEADERS)


# control: SRV-01
class DirectRoute(APIRoute):
    """Caller first, then a bounded body, then the endpoint; nothing is parsed for a stranger.

    The endpoint's signature documents the request; it is handed the body's bytes and the caller, and
    answers plain data. A route without a Caller among its dependencies cannot be built.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Take what APIRoute takes. Raises TypeError for a route that would let anybody in."""
        super().__init__(*arguments, **options)
        self.app = _direct(self.get_route_handler())

    # control: SRV-01
    def get_route_handler(self) -> Handler:
        """Return the handler. Raises TypeError for a route that would let anybody in."""
        caller, scopes = _security(self.dependencies, self.path)
        endpoint, has_body = self.endpoint, "POST" in (self.methods or ())
        observe = caller.observe

        async def handle(request: Request) -> Response:
            try:
                identity = caller.require(request, scopes)
                caller.spend(identity)
                body = await read_body(request) if has_body else b""
                content = await endpoint(body, identity)
            except Turned as turned:
                observe(turned.status)
                return response(turned.status, turned.fields, turned.headers)
            except ClientDisconnect:
                return response(400)
            observe(200)
            return content if isinstance(content, Response) else JSON(content)

        return handle


def _direct(handle: Handler) -> ASGIApp:
    """Return the handler as ASGI, without the exit stacks that only dependencies with yield need."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await handle(Request(scope, receive, send))
        await response(scope, receive, send)

    return app


# control: SRV-01
def _security(dependencies: list[params.Depends], path: str) -> tuple[Caller, frozenset[str]]:
    for item in dependencies:
        if isinstance(item, params.Security) and isinstance(item.dependency, Caller):
            return item.dependency, frozenset(item.scopes or ())
    raise TypeError(f"the route {path} has no Caller: it would answer anybody")


# control: SRV-03
async def read_body(request: Request, most: int = MAX_BODY) -> bytes:
    """Return the whole body. Raises Turned 413 past ``most`` bytes, 408 when it takes too long."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or len(declared) > 9 or int(declared) > most:
        raise Turned(413)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _receive(request, most)
    except TimeoutError:
        raise Turned(408) from None


# control: SRV-03
async def _receive(request: Request, most: int) -> bytes:
    body, more = b"", True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            raise Turned(413)
    return body
