"""The serving policy of a tier: what a guard finding brings, what one caller may ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from redoubt import limits
from redoubt.records import Tier

Action = Literal["score", "flag", "refer", "refuse"]


@dataclass(frozen=True)
class Policy:
    """Effective values: the stricter of the platform's floor and ``conf/serving.yml``."""

    refer: frozenset[str]
    refuse: frozenset[str]
    requests_per_second: float
    burst: float
    failures_per_second: float
    failure_burst: float
    request_seconds: float
    grace_hours: float

    # control: SRV-03
    def action(self, kinds: Iterable[str]) -> Action:
        """Return the strictest action that any of these kinds of finding brings."""
        found = set(kinds)
        if found & self.refuse:
            return "refuse"
        if found & self.refer:
            return "refer"
        return "flag" if found else "score"


# control: SRV-03
def load(root: Path, tier: Tier, jurisdictions: Iterable[str]) -> Policy:
    """Return the policy of a project for a tier and the places a model is used in. Raises as :func:`redoubt.limits.load`."""
    effective = limits.load(root, "serving", tier, jurisdictions)
    numbers = {n: limit.value for group in effective.numbers.values() for n, limit in group.items()}
    return Policy(
        frozenset(effective.lists["refer"]), frozenset(effective.lists["refuse"]), **numbers
    )
