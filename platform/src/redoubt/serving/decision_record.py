"""The record of one decision: who asked, which model, what went in, what came out, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from redoubt.serving.sealing import Sealer, plain_inputs

KIND = "redoubt/decided/1"
FIELDS = (
    "kind", "at", "request", "caller", "reference", "model", "input", "inputs",
    "score", "band", "action", "findings", "reasons", "reviewer",
)  # fmt: skip
OUTCOME = ("score", "band", "action", "findings", "reasons")


# control: SRV-08
def record(
    *, request: str, caller: str, model: str, inputs: dict[str, Any],
    outcome: Mapping[str, Any], sealer: Sealer, reference: str | None = None,
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
        "model": model,
        "input": "sha256:" + hashlib.sha256(plain).hexdigest(),
        "inputs": sealer.seal(plain, request),
        **outcome,
        "reviewer": None,
    }
