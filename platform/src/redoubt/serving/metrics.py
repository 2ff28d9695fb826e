"""Prometheus metrics of the service. Every label value comes from a fixed set, bound once."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from redoubt.serving import problems

STATUSES = (200, *problems.WORDS)
ACTIONS = ("score", "flag", "refer", "refuse")
FINDINGS = ("unseen_level", "out_of_range", "out_of_support", "not_computable", "approval_expired")
REFUSALS = ("missing", "invalid", "scope", "budget")
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


# control: MON-01
class Metrics:
    """The numbers of one service. Nothing that a caller sends becomes a label."""

    def __init__(self, bands: tuple[str, ...], model: str, tier: int) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.status = self._counters("requests", "Requests by status", "status", map(str, STATUSES))
        self.action = self._counters("decisions", "Decisions by action", "action", ACTIONS)
        self.finding = self._counters("findings", "Guard findings by kind", "kind", FINDINGS)
        self.band = self._counters("bands", "Decisions by band", "band", bands)
        self.refused = self._counters("refusals", "Refused callers by cause", "cause", REFUSALS)
        self.seconds = Histogram(
            "redoubt_decision_seconds", "Time of one decision, durable record included",
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.ready = self._gauge("ready", "1 when the service takes requests")
        self.expired = self._gauge("approval_expired", "1 when the approval has expired")
        self.expires = self._gauge(
            "approval_expires_seconds", "Unix time when the approval expires"
        )
        self.log_failed = self._gauge("decision_log_failed", "1 when decisions cannot be recorded")
        self.log_count = self._gauge("decision_log_records", "Records in the decision log")
        info = Gauge("redoubt_model_info", "The model that is served", ["model", "tier"],
                     registry=self.registry)  # fmt: skip
        info.labels(model, str(tier)).set(1)

    def _counters(
        self, name: str, text: str, label: str, values: object
    ) -> dict[str, Counter]:  # each value is bound here, once, so that no other can appear
        counter = Counter(f"redoubt_{name}", text, [label], registry=self.registry)
        return {str(value): counter.labels(str(value)) for value in values}  # type: ignore[attr-defined]

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"redoubt_{name}", text, registry=self.registry)

    def page(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
