"""`redoubt serve`: one uvicorn worker over TLS that starts on verified models only."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import resource
import socket
import sys
from typing import TYPE_CHECKING, Any

from redoubt import processes, project, settings
from redoubt.errors import Unavailable
from redoubt.serving import loader, logs, policy, tls
from redoubt.serving.policy import Policy
from redoubt.settings import Settings

if TYPE_CHECKING:
    import uvicorn

# control: SRV-01
MOST_CONNECTIONS = 1024
KEEP_ALIVE_SECONDS = 30
SHUTDOWN_SECONDS = 10


def run(
    candidate: str | None = None, port: int | None = None, verifier: loader.Verifier = None
) -> None:
    """Serve until told to stop. Raises Refused or Unavailable before anything listens."""
    current = settings.load()
    _without_core_dumps()
    listener = listen(current, current.port if port is None else port)
    tls.prepare(current)
    loaded = loader.load(current, project.load(current.root), candidate, verifier)
    serve(current, loaded, listener)


# control: SRV-01
def serve(current: Settings, loaded: loader.Loaded, listener: socket.socket) -> None:
    """Run the event loop on a listening socket."""
    import uvicorn

    from redoubt.serving import connection

    with logs.redacted():
        facts = project.load(current.root)
        rules = policy.load(current.root, facts.tier, facts.jurisdictions)
        server = uvicorn.Server(configured(current, loaded, rules))
        host, port = listener.getsockname()[:2]
        logs.event(
            "listening", url=f"https://{host}:{port}", model=loaded.admitted.bundle.digest,
            tier=loaded.admitted.bundle.manifest.tier, expires=loaded.admitted.expires.isoformat(),
            state="promoted" if loaded.admitted.decision else "candidate",
            client_certificates=current.client_ca is not None,
        )  # fmt: skip
        try:
            with asyncio.Runner(loop_factory=connection.loop_of(rules.request_seconds)) as runner:
                runner.run(server.serve(sockets=[listener]))
        except Exception as error:  # the hook would print its message; this prints where it was
            logs.crash("crashed", error)
            sys.exit(1)
        logs.event("stopped")


# control: SRV-01
def configured(current: Settings, loaded: loader.Loaded, rules: Policy) -> uvicorn.Config:
    """Return all that uvicorn is given: the application, and nothing around it."""
    import uvicorn

    from redoubt.serving.app import create_app

    app = create_app(current, project.load(current.root), loaded.admitted, loaded.team)
    return uvicorn.Config(app, **options(current, rules))


# control: SRV-01
# control: MON-01
def options(current: Settings, rules: Policy) -> dict[str, Any]:
    """Return uvicorn's options: TLS, bounded patience and crowd, no proxy headers, access log or banner."""
    from redoubt.serving import connection

    context = tls.context(current)
    return {
        "http": connection.patient(rules.request_seconds),
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "log_level": logging.WARNING,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "limit_concurrency": MOST_CONNECTIONS,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": SHUTDOWN_SECONDS,
        "ssl_context_factory": lambda config, default: context,
    }


def listen(current: Settings, port: int) -> socket.socket:
    """Bind the port first, so that one in use is told at once. Raises Unavailable."""
    family = socket.AF_INET6 if ":" in current.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((current.host, port))
    except OSError as error:
        made.close()
        used = error.errno == errno.EADDRINUSE
        raise Unavailable(
            f"Port {port} on {current.host} is in use."
            if used
            else f"Cannot listen on {current.host}:{port} ({error.strerror}).",
            remedy="stop the other service, or choose another with --port or REDOUBT_PORT",
        ) from error
    return made


# control: MON-01
# control: SRV-07
def _without_core_dumps() -> None:
    """A core dump would hold every row in memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def hand_over(arguments: list[str]) -> None:
    """Become ``python -m redoubt.serving``, in the serving environment when there is one."""
    current = settings.load()
    own = current.serving_python
    python = str(own) if own.exists() else sys.executable
    environment = processes.child_environment(current.root)
    os.execve(python, [python, "-m", "redoubt.serving", *arguments], environment)  # noqa: S606
