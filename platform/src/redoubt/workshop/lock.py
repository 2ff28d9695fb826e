"""`redoubt lock`: compile ``requirements/team.in`` into hashes, held to the platform's versions.

Standard library only, so that a project whose environment cannot be made yet can still lock:
``ci/run lock``.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from redoubt.errors import BadInput, RedoubtError
from redoubt.workshop import environments, indexes, pins

NAMED = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w.,\s-]+\])?\s*([<>=!~][^;@]*)?(;.*)?")
REMEDY = "write one released package a line, such as `lightgbm` or `lightgbm>=4.5`"


def lock(root: Path) -> tuple[int, Path]:
    """Write ``team.txt`` in one step; return how many pins it holds and where it is.

    What the platform pins already is left out, so that an update of the platform does not meet an
    older pin of the same package here. Raises BadInput for a line that is no package name, and
    Refused when the team's wishes and the platform's versions have no common solution.
    """
    folder = root / "requirements"
    source, target = folder / "team.in", folder / "team.txt"
    if not source.is_file():
        raise BadInput(f"{source} does not exist.", remedy="run `redoubt scaffold`, then fill it")
    wishes = _wishes(source)
    text = ""
    if wishes:
        platform = [folder / f"{name}.txt" for name in pins.PLATFORM]
        wheels = os.environ.get("REDOUBT_WHEELS", "")
        text = pins.resolve(
            [*environments.find_uv()], source, constraints=platform, previous=target,
            environment=indexes.uv_environment(os.environ, wheels), flags=indexes.flags(wheels),
        )  # fmt: skip
        text = _without(text, platform)
    pins.write(source, target, text, by="redoubt lock")
    return len(pins.blocks(text)), target


def _wishes(source: Path) -> list[str]:
    wishes = list(pins.asked(source))
    for line in wishes:
        if not NAMED.fullmatch(line):
            raise BadInput(f"{source.name}: {line!r} is not the name of a package.", remedy=REMEDY)
    return wishes


def _without(text: str, platform: list[Path]) -> str:
    """Drop the pins that the platform's files hold in the same words (version and marker)."""
    known: set[str] = set()
    for path in platform:
        known |= pins.blocks(path.read_text(encoding="utf-8")).keys()
    kept = {line: block for line, block in pins.blocks(text).items() if line not in known}
    return "".join(block + "\n" for block in kept.values())


def main() -> int:
    """Lock the project in the current folder; for `ci/run lock`."""
    try:
        count, target = lock(Path.cwd())
    except RedoubtError as error:
        sys.stderr.write(f"redoubt: {error}\n")
        return error.exit_code
    sys.stdout.write(f"{target}: {count} packages beside the platform's\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
