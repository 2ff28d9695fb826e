"""One decision, from inputs to an acknowledged record; rows that wait at once are scored at once."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from redoubt.identity import Identity
from redoubt.serving.api import InvalidRequest
from redoubt.serving.core import Core, Inputs, Outcome
from redoubt.serving.decision_log import DecisionLog, LogFailed
from redoubt.serving.decision_record import Recorder
from redoubt.serving.health import Health
from redoubt.serving.metrics import Metrics
from redoubt.serving.problems import Turned

MOST_ROWS = 32  # bounds how long one model run holds the event loop


class Together:
    """Scores in one model run what arrived in one turn of the event loop. Adds no waiting."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._rows: list[tuple[Inputs, asyncio.Future[Outcome]]] = []

    async def decide(self, row: Inputs) -> Outcome:
        """Return the outcome of one row."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        if not self._rows:
            loop.call_soon(self._run)
        self._rows.append((row, future))
        return await future

    def _run(self) -> None:
        taken, self._rows = self._rows[:MOST_ROWS], self._rows[MOST_ROWS:]
        if self._rows:
            asyncio.get_running_loop().call_soon(self._run)
        try:
            outcomes = self._core.decide([row for row, _ in taken])
        except Exception as error:  # every waiter must hear of it, whatever it was
            for _, future in taken:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), outcome in zip(taken, outcomes, strict=True):
            if not future.done():
                future.set_result(outcome)


class Decider:
    """Parse, decide, record, answer. Nothing is answered that is not on disk."""

    def __init__(
        self, core: Core, recorder: Recorder, log: DecisionLog, health: Health, metrics: Metrics
    ) -> None:
        self._core = core
        self._recorder = recorder
        self._log = log
        self._health = health
        self._metrics = metrics
        self._together = Together(core)

    # control: SRV-08
    # control: SRV-03
    # control: MON-01
    async def decide(self, body: bytes, caller: Identity) -> dict[str, Any]:
        """Return the response of one request. Raises Turned 422 or 503."""
        start = time.perf_counter()
        if not self._health.ready:
            raise Turned(503)
        try:
            inputs, reference = self._core.read(body)
        except InvalidRequest as invalid:
            raise Turned(422, fields=invalid.fields) from None
        outcome = self._marked((await self._together.decide(inputs)).data())
        request = os.urandom(16).hex()
        entry = self._recorder.record(request=request, caller=caller.subject, inputs=inputs,
                                      outcome=outcome, reference=reference)  # fmt: skip
        try:
            await self._log.append(entry)
        except LogFailed:
            raise Turned(503) from None
        self._count(outcome, time.perf_counter() - start)
        return {"decision_id": request, "model": self._core.bundle.digest, **outcome}

    # control: SRV-06
    def _marked(self, outcome: dict[str, Any]) -> dict[str, Any]:
        """Flag an outcome that was given after the approval expired."""
        if self._health.expired:
            outcome["findings"].append({"kind": "approval_expired", "field": None})
            if outcome["action"] == "score":
                outcome["action"] = "flag"
        return outcome

    # control: MON-05
    def _count(self, outcome: dict[str, Any], seconds: float) -> None:
        self._metrics.seconds.observe(seconds)
        self._metrics.action[outcome["action"]].inc()
        if outcome["band"] is not None:
            self._metrics.band[outcome["band"]].inc()
        for finding in outcome["findings"]:
            self._metrics.finding[finding["kind"]].inc()
