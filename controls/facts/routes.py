"""The fact ``routes``: what stands between the server and an answer once the service has started."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import uvicorn
from fastapi import APIRouter, FastAPI, Response
from starlette.middleware.gzip import GZipMiddleware

from redoubt import admission, model, project
from redoubt.proof import fact
from redoubt.serving import loader, server, tls
from redoubt.settings import Settings

LAYERS = [
    "fastapi.applications.FastAPI",
    "starlette.middleware.errors.ServerErrorMiddleware",
    "fastapi.telemetry._asgi.ExceptionTelemetryMiddleware",
    "fastapi._body_limit.AppBodyLimitMiddleware",
    "starlette.middleware.exceptions.ExceptionMiddleware",
    "fastapi.middleware.asyncexitstack.AsyncExitStackMiddleware",
    "fastapi.routing.APIRouter",
]


@dataclass(frozen=True)
class Routes:
    """Every (method, path), layers that nobody looked at, and ways by which something can be added.

    ``idle_seconds`` is how long a client may keep a connection that it does not use,
    ``most_connections`` how many there may be at once.
    """

    paths: list[tuple[str, str]]
    strange: list[str]
    added: list[str]
    idle_seconds: int
    most_connections: int | None


def layers(app: Any) -> Iterator[Any]:
    """Yield an application and all that it hands a request on to, as far as that can be told."""
    while app is not None and not isinstance(getattr(app, "__self__", None), APIRouter):
        yield app
        app = getattr(app, "middleware_stack", None) or getattr(app, "app", None)


def paths(router: Any) -> list[tuple[str, str]]:
    """Return (method, path) of what a router answers; of what is no route, (type, path)."""
    found = [*router.routes, *router._low_priority_routes]
    odd = [] if router.default == router.not_found else [("default", "*")]
    return odd + sorted(
        (method, getattr(route, "path", "*"))
        for route in found
        for method in (getattr(route, "methods", None) or {type(route).__name__}) - {"HEAD"}
    )


def added(app: FastAPI) -> Iterator[str]:
    """Yield each way by which something can be put before or beside the routes."""
    ways: dict[str, Callable[[], object]] = {
        "route": lambda: app.add_route("/late", lambda request: Response()),
        "router": lambda: app.include_router(APIRouter(), prefix="/late"),
        "mount": lambda: app.mount("/late", APIRouter()),
        "middleware": lambda: app.add_middleware(GZipMiddleware),
    }
    for name, way in ways.items():
        try:
            way()
        except (AttributeError, RuntimeError):
            continue
        yield name


def given(settings: Settings, loaded: loader.Loaded) -> uvicorn.Config:
    """Return what uvicorn has been given by the time it would serve."""
    kept: list[uvicorn.Config] = []

    async def keep(self: uvicorn.Server, sockets: Any = None) -> None:
        kept.append(self.config)

    with (
        closing(server.listen(settings, 0)) as listener,
        mock.patch.object(uvicorn.Server, "serve", keep),
    ):
        server.serve(settings, loaded, listener)
    return kept[0]


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/policy/**",
        "platform/src/redoubt/serving/**",
    ]
)
def routes(released: Path, copy_of: Callable[[Path], Path]) -> Routes:
    settings = Settings(root=copy_of(released))
    tls.prepare(settings)
    facts, digest = project.load(settings.root), loader.wanted(settings, None)
    admitted = admission.admit(settings, facts, digest, candidate=False)
    loaded = loader.Loaded(admitted, model.load(settings.root))
    config = given(settings, loaded)
    config.load()

    found = list(layers(config.loaded_app))
    kinds = [f"{type(layer).__module__}.{type(layer).__name__}" for layer in found]
    strange = [kind for kind in kinds if kind not in LAYERS] or ([] if kinds == LAYERS else kinds)
    made = next((layer for layer in found if isinstance(layer, FastAPI)), FastAPI())

    async def started() -> Routes:
        async with made.router.lifespan_context(made):
            ways = list(added(made))
            waits = config.timeout_keep_alive, config.limit_concurrency
            return Routes(paths(made.router), strange, ways, *waits)

    return asyncio.run(started())
