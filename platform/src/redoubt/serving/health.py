"""Is the service ready, and is the approval it runs on still valid?"""

from __future__ import annotations

import logging
import time
from datetime import datetime

from redoubt.records import Tier
from redoubt.serving import logs
from redoubt.serving.decision_log import DecisionLog
from redoubt.serving.metrics import Metrics

HOUR = 3600.0


class Health:
    """A running service goes on when its approval expires: it alarms and flags each decision.

    In tier 1 it turns not-ready after the grace period. Without a decision log it is never ready.
    """

    def __init__(
        self, tier: Tier, expires: datetime, grace_hours: float, log: DecisionLog, metrics: Metrics
    ) -> None:
        self._tier = tier
        self._expires = expires.timestamp()
        self._grace = grace_hours * HOUR
        self._log = log
        self._metrics = metrics
        self._said: set[str] = set()
        metrics.expires.set(self._expires)

    @property
    def expired(self) -> bool:
        """Say whether the approval has expired."""
        return time.time() >= self._expires

    # control: SRV-06
    @property
    def ready(self) -> bool:
        """Say whether requests may come: the log works and a tier 1 approval is within its grace."""
        overdue = self._tier == 1 and time.time() >= self._expires + self._grace
        return not overdue and not self._log.failure

    def refresh(self) -> None:
        """Bring the gauges up to date and say each alarm once."""
        self._metrics.ready.set(self.ready)
        self._metrics.expired.set(self.expired)
        self._metrics.log_failed.set(bool(self._log.failure))
        self._metrics.log_count.set(self._log.count)
        if self.expired:
            self._alarm("approval_expired")
        if self._log.failure:
            self._alarm("decision_log_failed")
        if self._log.checkpoint_error:
            self._alarm("checkpoint_failed")
        if not self.ready:
            self._alarm("not_ready")

    def _alarm(self, name: str) -> None:
        if name not in self._said:
            self._said.add(name)
            logs.event(name, level=logging.ERROR)
