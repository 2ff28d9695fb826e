"""The fact ``running_out``: what a service does whose approval expired some time ago under it."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redoubt import admission, model
from redoubt import project as projects
from redoubt.identity import Identity
from redoubt.proof import fact
from redoubt.serving import app, loader
from redoubt.serving.problems import Turned
from redoubt.serving.sealing import plain_inputs
from redoubt.settings import Settings

CALLER = Identity("loan-app", "issuer", frozenset(), frozenset({"score"}), 0.0)


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/policy/**",
        "platform/src/redoubt/serving/**",
    ]
)
def running_out(released: Path, verdicts) -> Callable[[timedelta], tuple[str | int, bool, bool]]:
    """Return ``running_out(since)``: (action or status, ready, alarmed), approval expired ``since`` ago."""
    settings, facts, team = Settings(root=released), projects.load(released), model.load(released)
    admitted = admission.admit(settings, facts, loader.wanted(settings, None), candidate=False)
    body = b'{"inputs":' + plain_inputs(verdicts.row) + b"}"

    def ask(since: timedelta) -> tuple[str | int, bool, bool]:
        with tempfile.TemporaryDirectory() as name:
            places = {"state": Path(name) / "var", "checkpoints": Path(name) / "second"}
            own = settings.model_copy(update=places)
            expired = replace(admitted, expires=datetime.now(UTC) - since)
            parts = app.assemble(own, facts, expired, team)
            parts.refresh()
            alarmed = "redoubt_approval_expired 1.0" in parts.metrics.page().decode()
            try:
                said: str | int = asyncio.run(parts.decider.decide(body, CALLER))["action"]
            except Turned as turned:
                said = turned.status
            ready = parts.health.ready
            parts.log.close()
            return said, ready, alarmed

    return ask
