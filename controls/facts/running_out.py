"""The fact ``running_out``: what a service does whose approval expired some time ago under it."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from redoubt import admission, model
from redoubt import project as projects
from redoubt.identity import Identity
from redoubt.proof import fact
from redoubt.serving import app, loader, logs
from redoubt.serving.problems import Turned
from redoubt.serving.sealing import plain_inputs
from redoubt.settings import Settings

CALLER = Identity("loan-app", "issuer", frozenset(), frozenset({"score"}), 0.0)
Seen = tuple[list[str | int], bool, list[str]]


class RunningOut:
    """Call it with how long ago the approval expired.

    It returns what a good row and one out of range get, whether the service is ready, and its alarms.
    """

    def __init__(self, root: Path, rows: Sequence[dict[str, Any]]) -> None:
        self._settings, self._project = Settings(root=root), projects.load(root)
        self._team, self._rows = model.load(root), rows
        digest = loader.wanted(self._settings, None)
        self._admitted = admission.admit(self._settings, self._project, digest, candidate=False)

    @contextmanager
    def _assembled(self, **changes: Any) -> Iterator[app.Parts]:
        with tempfile.TemporaryDirectory() as name:
            places = {"state": Path(name) / "var", "checkpoints": Path(name) / "second"}
            own = self._settings.model_copy(update=places)
            parts = app.assemble(own, self._project, replace(self._admitted, **changes), self._team)
            yield parts
            parts.log.close()

    def __call__(self, since: timedelta) -> Seen:
        with (
            self._assembled(expires=datetime.now(UTC) - since) as parts,
            mock.patch.object(logs, "event") as said,
        ):
            parts.refresh()
            alarms = [call.args[0] for call in said.call_args_list]
            gauge = ["gauge"] * ("redoubt_approval_expired 1.0" in parts.metrics.page().decode())
            decided = [asyncio.run(self._ask(parts, row)) for row in self._rows]
            return decided, parts.health.ready, gauge + alarms

    async def _ask(self, parts: app.Parts, row: dict[str, Any]) -> str | int:
        """Return the action and whether it is marked as given after the approval, or the status."""
        try:
            found = await parts.decider.decide(b'{"inputs":' + plain_inputs(row) + b"}", CALLER)
        except Turned as turned:
            return turned.status
        expired = {"kind": "approval_expired", "field": None} in found["findings"]
        return f"{found['action']}{', expired' if expired else ''}"

    @property
    def said_of_a_candidate(self) -> str:
        """Return the state at the version endpoint of a model that no decision names."""
        with self._assembled(decision=None) as parts:
            return str(app.describe_model(parts)["state"])


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/policy/**",
        "platform/src/redoubt/serving/**",
    ]
)
def running_out(released: Path, verdicts) -> RunningOut:
    return RunningOut(released, (verdicts.row, verdicts.row | {"annual_income": 2e6}))
