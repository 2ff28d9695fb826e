"""The scoring core: parse, guard, score, reasons. The service and the batch scorer share it.

Nothing here knows HTTP, callers or the log; the same inputs and bundle give the same outcome, which
is what replay rests on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from redoubt import columns
from redoubt.bundle import Bundle
from redoubt.errors import Refused
from redoubt.inference import Scorer
from redoubt.model import Features, Matrix
from redoubt.serving import api
from redoubt.serving.guard import Finding, Guard
from redoubt.serving.policy import Action, Policy
from redoubt.serving.reasons import Reason, Reasons

Inputs = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model and the guard say about one row; no score where the action withholds it."""

    score: float | None
    band: str | None
    action: Action
    findings: tuple[Finding, ...]
    reasons: tuple[Reason, ...]

    def data(self) -> dict[str, Any]:
        """Return plain JSON data: the part of response and log entry that replay must reproduce."""
        return {
            "score": self.score,
            "band": self.band,
            "action": self.action,
            "findings": [{"kind": f.kind, "field": f.field} for f in self.findings],
            "reasons": [{"feature": r.feature, "text": r.text} for r in self.reasons],
        }


class Core:
    """One bundle, ready to decide. Not bound to a thread; ``decide`` is pure."""

    def __init__(self, bundle: Bundle, features: Features, policy: Policy) -> None:
        if features.names != bundle.manifest.features:
            raise Refused("The features of this code are not the bundle's.",
                          remedy="deploy the commit that the bundle was trained with")  # fmt: skip
        self.bundle = bundle
        self.columns = bundle.columns
        self.request: type[BaseModel] = api.request_model(bundle.columns)
        self._inputs: type[BaseModel] = api.inputs_model(bundle.columns)
        self._names = {column.name: column for column in bundle.columns}
        self._features = features
        self._scorer = Scorer(bundle.model)
        self._guard = Guard(bundle.columns, bundle.support, policy)
        self._reasons = Reasons(features.names, bundle.support.reference, bundle.reasons)

    def read(self, body: bytes) -> tuple[dict[str, Any], str | None]:
        """Return (inputs, client reference) of a JSON request. Raises api.InvalidRequest."""
        try:
            request = self.request.__pydantic_validator__.validate_json(body)
        except ValidationError as error:
            raise api.invalid(error, self._names) from None
        return request.inputs.__dict__, request.reference

    def check(self, row: Inputs) -> dict[str, Any]:
        """Return the inputs of a row given as Python values. Raises api.InvalidRequest."""
        try:
            checked = self._inputs.__pydantic_validator__.validate_python(dict(row))
        except ValidationError as error:
            raise api.invalid(error, self._names) from None
        return dict(checked.__dict__)

    # control: SRV-03
    def decide(self, rows: Sequence[Inputs]) -> list[Outcome]:
        """Decide n checked rows at once; one row costs little more than the model.

        A row whose features or score cannot be computed is refused by the guard, never raised.
        """
        try:
            with np.errstate(all="ignore"):
                matrix = self.matrix(rows)
                answers = self._scorer.score(self._reasons.questions(matrix))
                outside = self._guard.outside(matrix)
        except Exception:  # team code ran on a caller's values: no input may bring the service down
            if len(rows) > 1:
                return [outcome for row in rows for outcome in self.decide([row])]
            return [self._outcome(rows[0], np.nan, True, ())]
        contributions = self._reasons.contributions(answers).tolist()
        scores = answers[:: matrix.shape[1] + 1].tolist()
        return [
            self._outcome(row, score, bool(out), contribution)
            for row, score, out, contribution in zip(
                rows, scores, outside.tolist(), contributions, strict=True
            )
        ]

    def scores(self, rows: Sequence[Inputs]) -> NDArray[np.float64]:
        """Return the unrounded (n,) scores, for parity and replay; no guard, no reasons."""
        return self._scorer.score(self.matrix(rows))

    def matrix(self, rows: Sequence[Inputs]) -> Matrix:
        """Return the (n, F) features of checked rows."""
        return self._features(
            {c.name: columns.array(c.type, [row[c.name] for row in rows]) for c in self.columns}
        )

    # control: SRV-03
    def _outcome(
        self, row: Inputs, score: float, outside: bool, contributions: Sequence[float]
    ) -> Outcome:
        findings = self._guard.row(row)
        if outside:
            findings.append(Finding("out_of_support"))
        if not np.isfinite(score):
            findings.append(Finding("not_computable"))
        action = self._guard.action(findings)
        if action in ("refer", "refuse"):
            return Outcome(None, None, action, tuple(findings), ())
        shown, band = self._shown(score)
        return Outcome(shown, band, action, tuple(findings), tuple(self._reasons.of(contributions)))

    # control: GATE-09
    def _shown(self, score: float) -> tuple[float, str]:
        bands = self.bundle.bands
        shown = round(score, bands.digits)
        return shown, bands.names[min(bisect_right(bands.edges, shown), len(bands.names) - 1)]
