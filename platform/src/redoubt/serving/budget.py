"""How much one caller may ask for: the generic cell rate algorithm, exact within one process."""

from __future__ import annotations

import math

ROUNDING = 1e-6  # of one request, so that sums of floats never cost the last one
NEVER = 1e9  # seconds between requests when the rate is 0


class Budget:
    """One number for each key: when its next request is due. No await between test and set."""

    def __init__(self, rate: float, burst: float) -> None:
        """Allow ``burst`` at once and ``rate`` a second after that; a rate of 0 allows the burst."""
        self._cost = 1 / rate if rate else NEVER
        self._tolerance = (burst - 1 + ROUNDING) * self._cost
        self._burst = burst
        self._due: dict[str, float] = {}

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until this key may ask again; 0 when it may now."""
        if self._burst < 1:
            return math.inf
        return max(0.0, self._due.get(key, now) - now - self._tolerance)

    # control: SRV-01
    def take(self, key: str, now: float) -> bool:
        """Use one request of the key's budget at a monotonic time; say whether there was one."""
        due = max(self._due.get(key, now), now)
        if self._burst < 1 or due - now > self._tolerance:
            return False
        self._due[key] = due + self._cost
        return True

    def forget(self, now: float) -> None:
        """Drop the keys whose budget is full again, so that memory follows the active callers."""
        for key in [key for key, due in self._due.items() if due <= now]:
            del self._due[key]
