"""The service: every route but two empty health probes asks who is calling."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response, Security
from starlette.exceptions import HTTPException

from redoubt import model as seam
from redoubt.admission import Admitted
from redoubt.identity import Identity
from redoubt.project import Project
from redoubt.serving import api, logs, policy, problems
from redoubt.serving.auth import Budgets, Caller, Keys
from redoubt.serving.core import Core
from redoubt.serving.decide import Decider
from redoubt.serving.decision_log import SERVICE, DecisionLog
from redoubt.serving.decision_record import Recorder
from redoubt.serving.health import Health
from redoubt.serving.metrics import CONTENT_TYPE, Metrics
from redoubt.serving.route import DirectRoute
from redoubt.settings import Settings

CANDIDATE = f"{SERVICE}-candidate"
SECONDS = 1.0
# control: MON-01
# nothing of a request may leave by a tracer that somebody configured process-wide
NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}


@dataclass(frozen=True)
class Parts:
    """What one service is made of."""

    admitted: Admitted
    core: Core
    log: DecisionLog
    health: Health
    metrics: Metrics
    caller: Caller
    decider: Decider

    # control: SRV-01
    def refresh(self) -> None:
        """Do what is done once a second: new keys, expiry, gauges, full budgets."""
        self.caller.refresh()
        self.health.refresh()


# control: SRV-03
def assemble(settings: Settings, project: Project, admitted: Admitted, team: seam.Model) -> Parts:
    """Build the parts; opens the decision log. Raises Refused or Unavailable."""
    rules = policy.load(settings.root, project.tier, project.jurisdictions)
    core = Core(admitted.bundle, team.features, rules)
    metrics = Metrics(admitted.bundle.bands.names, admitted.bundle.digest, project.tier)
    caller = Caller(Keys(settings), Budgets.of(rules), metrics)
    recorder = Recorder.of(settings, admitted.bundle.digest, project.tier, project.jurisdictions)
    log = DecisionLog.of(settings, SERVICE if admitted.decision else CANDIDATE)
    health = Health(project.tier, admitted.expires, rules.grace_hours, log, metrics)
    decider = Decider(core, recorder, log, health, metrics)
    return Parts(admitted, core, log, health, metrics, caller, decider)


# control: SRV-01
def create_app(
    settings: Settings, project: Project, admitted: Admitted, team: seam.Model | None = None
) -> FastAPI:
    """Return the service of an admitted model. Raises Refused or Unavailable."""
    parts = assemble(settings, project, admitted, team or seam.load(settings.root))
    app = FastAPI(
        title=project.name, version="1", lifespan=_lifespan(parts), docs_url=None, redoc_url=None,
        openapi_url=None, telemetry=NO_TELEMETRY, redirect_slashes=False,
    )  # fmt: skip
    app.state.parts = parts
    app.router.route_class = DirectRoute
    _add_protected(app, parts)
    _add_probes(app, parts)
    _add_handlers(app, parts)
    _seal(app)
    return app


# control: SRV-01
def _seal(app: FastAPI) -> None:
    """Let nothing be put before or beside the routes any more: the attempt raises."""
    app.middleware_stack = app.build_middleware_stack()
    app.router.routes = tuple(app.router.routes)  # type: ignore[assignment]


def _add_protected(app: FastAPI, parts: Parts) -> None:
    """Add the routes that need a verified token with a scope."""
    score, metrics = (Security(parts.caller, scopes=[scope]) for scope in ("score", "metrics"))
    errors: dict[int | str, dict[str, Any]] = {
        status: {"model": api.Problem} for status in (401, 403, 408, 413, 422, 429, 503)
    }

    async def decide(body: Any, caller: Identity) -> Any:
        """Decide one application: score and band, what the guard found, and the reasons."""
        return await parts.decider.decide(body, caller)

    async def describe(body: bytes, caller: Identity) -> Any:
        """Say which model answers, for whom it was approved and until when."""
        return describe_model(parts)

    async def show_metrics(body: bytes, caller: Identity) -> Any:
        """Return the metrics in Prometheus' text format."""
        parts.health.refresh()
        return Response(parts.metrics.page(), media_type=CONTENT_TYPE, headers=problems.HEADERS)

    async def show_openapi(body: bytes, caller: Identity) -> Any:
        """Return this description."""
        return app.openapi()

    _document(decide, body=parts.core.request)
    for endpoint in (describe, show_metrics, show_openapi):
        _document(endpoint)
    # control: SRV-01
    get = {"methods": ["GET"], "responses": {s: errors[s] for s in (401, 403, 429)}}
    app.add_api_route("/v1/decisions", decide, methods=["POST"], dependencies=[score],
                         response_model=api.DecisionResponse, responses=errors)  # fmt: skip
    app.add_api_route("/v1/model", describe, dependencies=[score],
                         response_model=api.ModelResponse, **get)  # type: ignore[arg-type]  # fmt: skip
    app.add_api_route("/metrics", show_metrics, dependencies=[metrics],
                         response_class=Response, **get)  # type: ignore[arg-type]  # fmt: skip
    app.add_api_route("/openapi.json", show_openapi, dependencies=[score],
                         include_in_schema=False, **get)  # type: ignore[arg-type]  # fmt: skip


def _document(endpoint: Callable[..., Any], **parameters: Any) -> None:
    """Give FastAPI the parameters to show; the route class hands over bytes and caller itself."""
    import inspect

    kind = inspect.Parameter.KEYWORD_ONLY
    shown = [inspect.Parameter(name, kind, annotation=type_) for name, type_ in parameters.items()]
    endpoint.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]


# control: SRV-06
def describe_model(parts: Parts) -> dict[str, Any]:
    """Return what the version endpoint says."""
    manifest = parts.admitted.bundle.manifest
    return {
        "model": parts.admitted.bundle.digest,
        "project": manifest.project,
        "tier": manifest.tier,
        "state": "promoted" if parts.admitted.decision else "candidate",
        "run": manifest.run,
        "approved_by": parts.admitted.approval.by.subject,
        "approval_expires": parts.admitted.expires.isoformat(),
        "approval_expired": parts.health.expired,
    }


# control: SRV-01
def _add_probes(app: FastAPI, parts: Parts) -> None:
    async def live(request: Request) -> Response:
        return Response(status_code=200)

    async def ready(request: Request) -> Response:
        return Response(status_code=200 if parts.health.ready else 503)

    app.router.add_route("/livez", live, methods=["GET"], include_in_schema=False)
    app.router.add_route("/readyz", ready, methods=["GET"], include_in_schema=False)


def _add_handlers(app: FastAPI, parts: Parts) -> None:
    async def turned(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return problems.response(status)

    async def failed(request: Request, error: Exception) -> Response:
        parts.caller.observe(500)
        return problems.response(500)

    app.add_exception_handler(HTTPException, turned)
    app.add_exception_handler(Exception, failed)


def _lifespan(parts: Parts) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts.refresh()
        # objects of the start never die: collecting them again and again is what makes p99 bad
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        housekeeping = asyncio.create_task(_housekeeping(parts))
        try:
            yield
        finally:
            housekeeping.cancel()
            with suppress(asyncio.CancelledError):
                await housekeeping
            await parts.log.aclose()

    return lifespan


async def _housekeeping(parts: Parts) -> None:
    while True:
        await asyncio.sleep(SECONDS)
        try:
            parts.refresh()
        except Exception as error:  # a failed check must not end all later ones
            logs.crash("housekeeping_failed", error)
