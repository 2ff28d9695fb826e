"""The fact ``signals``: which numbers of the service an attack moves, and which an ordinary hour does.

Of each, the samples of the service's metrics page that grew while it went on.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redoubt.proof import fact
from redoubt.serving.handle import Service

if TYPE_CHECKING:
    from facts.verdicts import Verdicts

COUNTED = re.compile(r"^(redoubt_(?:requests|decisions|findings|bands|refusals)_total\{.*\}) (\S+)$", re.M)  # fmt: skip
TIGHT = "numbers: {budget: {requests_per_second: 1, burst: 40}}\n"
TIMES = 30
# What each attack must move.
MARKS = {
    "sweep": 'findings_total{kind="out_of_range"}', "burst": 'requests_total{status="429"}',
    "stolen": 'refusals_total{cause="invalid"}', "misused": 'refusals_total{cause="scope"}',
    "jump": "bands_total{band=",
}  # fmt: skip


class Signals(dict[str, set[str]]):
    """Who -> the samples that grew; ``marks`` says which of them each attack must move."""

    marks = MARKS


class Attacker:
    """Sends what an attack, or an ordinary caller, sends."""

    def __init__(self, service: Service, verdicts: Verdicts) -> None:
        self.service, self.verdicts = service, verdicts

    def all(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield each by name; "ordinary" comes first."""
        for name in ("ordinary", "sweep", "burst", "stolen", "misused", "jump"):
            yield name, getattr(self, f"_{name}")

    def _send(self, name: str, rows: list[dict[str, Any]], **claims: Any) -> None:
        token = self.service.token("loan-app", sub=name, **claims)
        for row in rows:
            self.service.post({k: v for k, v in row.items() if v is not None}, token=token)

    def _ordinary(self) -> None:
        self._send("ordinary", [self.verdicts.row] * TIMES)

    def _sweep(self) -> None:
        """Step one input after the other to the end of what the contract lets in."""
        ends = [
            (column.name, int(end) if column.type == "integer" else end)
            for column in self.verdicts.bundle.columns
            for end, seen in ((column.low, column.seen_low), (column.high, column.seen_high))
            if end is not None and seen not in (None, end)
        ]
        self._send("sweep", [self.verdicts.row | {name: end} for name, end in ends[:TIMES]])

    def _burst(self) -> None:
        self._send("burst", [self.verdicts.row] * 60)

    def _stolen(self) -> None:
        """Show a token that has expired since it was stolen."""
        self._send("stolen", [self.verdicts.row] * 5, exp=int(time.time()) - 3600)

    def _misused(self) -> None:
        """Ask for decisions with a token that was given for reading metrics."""
        self._send("misused", [self.verdicts.row] * 5, scope="metrics")

    def _jump(self) -> None:
        """Send what an ordinary hour has none of: rows of another band."""
        outcomes = self.verdicts.cores[1].decide(self.verdicts.rows)
        usual = self.verdicts.cores[1].decide([self.verdicts.row])[0].band
        self._send("jump", [row for row, one in zip(self.verdicts.rows, outcomes, strict=True)
                            if one.action == "score" and one.band != usual][:TIMES])  # fmt: skip

    def counted(self) -> dict[str, float]:
        """Return sample -> number of the metrics page."""
        page = self.service.get("/metrics", self.service.token("prometheus")).body.decode()
        return {name: float(value) for name, value in COUNTED.findall(page)}


@fact(reads=["platform/src/redoubt/serving/**"])
def signals(
    released: Path, copy_of: Callable[[Path], Path], verdicts: Verdicts,
    launch: Callable[..., AbstractContextManager[Any]],
) -> Signals:  # fmt: skip
    root, grown = copy_of(released), Signals()
    (root / "conf").mkdir(exist_ok=True)
    (root / "conf" / "serving.yml").write_text(TIGHT)
    with launch(root) as started:
        attacker = Attacker(started.service, verdicts)
        for name, act in attacker.all():
            before = attacker.counted()
            act()
            after = attacker.counted()
            grown[name] = {key for key, number in after.items() if number > before[key]}
    return grown
