"""How close the service comes to a bare one, and how far from MLflow's: ratios within one run.

All servers stay up; slices alternate, the order is reversed every round. A ratio is the median of
the ratios inside a round. Only the server under load does anything.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

from tests.bench import load, servers
from tests.bench.load import Slice
from tests.bench.place import Place

OURS = "redoubt"
OTHERS = ("bare-typed", "bare-direct", "mlflow")
CONNECTIONS = (1, 16, 64)
Say = Callable[[str], None]


def measure(place: Place, rounds: int, seconds: int, say: Say) -> dict[str, Any]:
    """Return the numbers, or why they could not be measured."""
    if missing := [name for name in ("wrk", "taskset") if not servers.tool(name)]:
        return {"not measured": f"{', '.join(missing)} is not installed (apt install wrk)"}
    if servers.cores() < 2:
        return {"not measured": "client and server need a core each, and there is one"}
    servers.mlflow_model(place)
    result: dict[str, Any] = {"rounds": rounds, "seconds": seconds}
    result["start"] = _starts(place, rounds, say)
    load.prepare(place)
    names = [OURS, *OTHERS]
    with servers.running(names, place) as up:
        for server in up:
            load.slice_of(server, 16, 1)  # warm caches and connections
        for connections in CONNECTIONS:
            say(f"{connections} connections")
            taken = _alternate(up, connections, rounds, seconds)
            result[str(connections)] = {name: _summary(taken, name) for name in names}
        result["resident"] = {server.name: server.resident() for server in up}
    return result


def _starts(place: Place, rounds: int, say: Say) -> dict[str, Any]:
    """Return median seconds to the first healthy answer, alternating, and the ratio to bare."""
    seconds: dict[str, list[float]] = {OURS: [], "bare-typed": [], "mlflow": []}
    for number in range(rounds):
        say(f"start-up, round {number + 1} of {rounds}")
        names = list(seconds) if number < 2 else [OURS, "bare-typed"]  # MLflow's takes long
        for name in names if number % 2 == 0 else reversed(names):
            with servers.one(name, place, pinned=False) as server:
                seconds[name].append(server.started)
    pairs = zip(seconds[OURS], seconds["bare-typed"], strict=True)
    ratios = sorted(ours / bare for ours, bare in pairs)
    return {"seconds": {name: median(found) for name, found in seconds.items()},
            "ratio": median(ratios), "range": [ratios[0], ratios[-1]]}  # fmt: skip


def _alternate(
    up: list[servers.Server], connections: int, rounds: int, seconds: int
) -> list[dict[str, Slice]]:
    taken = []
    for number in range(rounds):
        order = up if number % 2 == 0 else up[::-1]
        taken.append({s.name: load.slice_of(s, connections, seconds) for s in order})
    return taken


def _summary(taken: list[dict[str, Slice]], name: str) -> dict[str, Any]:
    """Return medians of one server, and of our ratios to it inside each round, with their range."""
    found: dict[str, Any] = {}
    for field in ("rate", "p50", "p99", "cpu"):
        found[field] = median(getattr(slices[name], field) for slices in taken)
        ratios = sorted(
            getattr(slices[OURS], field) / getattr(slices[name], field) for slices in taken
        )
        found[f"{field} ratio"] = [median(ratios), ratios[0], ratios[-1]]
    return found
