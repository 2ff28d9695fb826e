"""`python -m tests.bench [serving|project …]`: measure, keep the numbers, write the page.

Numbers of parts that are not asked for are taken from the last run of the same commit.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from tests.bench import page, project, serving
from tests.bench.place import HOME, Place, about

KEPT = HOME / "results.json"
PARTS = ("demo", "rendering", "proving", "serving")
START = time.monotonic()


def say(text: str) -> None:
    """Show progress."""
    sys.stderr.write(f"[{time.monotonic() - START:5.0f} s] {text}\n")


def main() -> None:
    """Measure what was asked for and write the page."""
    parser = argparse.ArgumentParser(prog="nox -s bench --")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=2)
    given = parser.parse_args()
    HOME.mkdir(parents=True, exist_ok=True)
    results, place = _kept(), Place(HOME / "project")
    wanted = given.parts or PARTS
    if "demo" in wanted or not (place.root / "project.yml").exists():
        results["project"] |= project.demonstration(place, say)
        _keep(results)
    if "serving" in wanted:
        results["serving"] = serving.measure(place, given.rounds, given.seconds, say)
        _keep(results)
    if "rendering" in wanted:
        results["project"] |= project.rendering(say)
        _keep(results)
    if "proving" in wanted:
        results["project"] |= project.proving(place, say)
        _keep(results)
    page.write(results)
    say(f"wrote {page.PAGE}")


def _keep(results: dict[str, Any]) -> None:
    """Keep what is measured so far: a part that fails later must not cost the parts before it."""
    KEPT.write_text(json.dumps(results, indent=1))


def _kept() -> dict[str, Any]:
    now = about()
    try:
        kept: dict[str, Any] = json.loads(KEPT.read_text())
        if kept["about"]["commit"] == now["commit"]:
            return kept | {"about": now}
    except (OSError, ValueError, KeyError):
        pass
    return {"about": now, "serving": {"not measured": "not asked for in this run"}, "project": {}}


if __name__ == "__main__":
    main()
