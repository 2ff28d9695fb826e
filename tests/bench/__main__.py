"""`python -m tests.bench [serving|scan …]`: measure, keep the numbers, write the page.

Numbers of parts that are not asked for are those of their last run; the page names each part's commit.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.bench import cloud, page, project, scan, serving
from tests.bench.place import HOME, Place, about

KEPT = HOME / "results.json"
PARTS = ("demo", "rendering", "proving", "catalogue", "serving", "infra", "scan")
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
    made = results.get("demo", {}).get("about", {}).get("commit")
    if (
        set(wanted) != {"infra"} and made != about()["commit"]
    ):  # The project that is measured is of this commit.
        wanted = ("demo", *(part for part in wanted if part != "demo"))
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "demo": lambda: project.demonstration(place, say),
        "serving": lambda: serving.measure(place, given.rounds, given.seconds, say),
        "rendering": lambda: project.rendering(say),
        "proving": lambda: project.proving(place, say),
        "catalogue": lambda: project.catalogue(place, say),
        "infra": lambda: cloud.applied(say),
        "scan": lambda: scan.measure(place, say),
    }
    for part, measure in measures.items():
        if part in wanted:
            now = about()  # The load before the part adds its own.
            results[part] = {"about": now} | measure()
            # A part that fails later must not cost the parts before it.
            KEPT.write_text(json.dumps(results, indent=1))
    page.write(results)
    say(f"wrote {page.PAGE}")


def _kept() -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(KEPT.read_text())
    except (OSError, ValueError):
        return {}
    return {part: found for part, found in kept.items() if part in PARTS}


if __name__ == "__main__":
    main()
