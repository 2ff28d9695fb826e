"""The record of one decision: who asked, which model, what went in, what came out, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redoubt import limits
from redoubt.records import Tier
from redoubt.serving.sealing import Sealer, plain_inputs
from redoubt.settings import Settings

KIND = "redoubt/decided/1"
FIELDS = (
    "kind", "at", "request", "caller", "reference", "model", "rules", "input", "inputs",
    "score", "band", "action", "findings", "reasons", "reviewer",
)  # fmt: skip


@dataclass(frozen=True)
class Recorder:
    """Writes the records of one model under one serving policy (``rules`` is its digest)."""

    model: str
    rules: str
    sealer: Sealer

    @classmethod
    def of(
        cls, settings: Settings, model: str, tier: Tier, jurisdictions: Iterable[str]
    ) -> Recorder:
        """Return the recorder of a model. Raises as :meth:`Sealer.of` and :func:`limits.load`."""
        rules = limits.load(settings.root, "serving", tier, jurisdictions).rules
        return cls(model, rules, Sealer.of(settings))

    # control: SRV-08
    def record(
        self, *, request: str, caller: str, inputs: dict[str, Any], outcome: Mapping[str, Any],
        reference: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Return the log entry of one decision; ``outcome`` is ``core.Outcome.data()``.

        ``input`` is the SHA-256 of the inputs' sorted JSON, ``inputs`` the same bytes sealed.
        ``reviewer`` stays null: a person's review is a record of its own that names this one.
        """
        plain = plain_inputs(inputs)
        return {
            "kind": KIND,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "request": request,
            "caller": caller,
            "reference": reference,
            "model": self.model,
            "rules": self.rules,
            "input": "sha256:" + hashlib.sha256(plain).hexdigest(),
            "inputs": self.sealer.seal(plain, request),
            **outcome,
            "reviewer": None,
        }
