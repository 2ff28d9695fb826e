"""The evidence of a period as one archive: every run of it, checked file by file first."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from redoubt import clock
from redoubt.errors import Unavailable
from redoubt.proof import evidence, lock
from redoubt.settings import Settings

GAP = timedelta(days=7)


def export(settings: Settings, target: Path, since: date | None) -> Path:
    """Write the archive and return its path.

    Raises Unavailable when there is nothing in the period, Refused when a file of a run is missing
    or changed: half an archive is none.
    """
    runs = [run for run in evidence.history(settings) if since is None or _at(run).date() >= since]
    if not runs:
        raise Unavailable("There is no run in that period.", remedy="run `redoubt verify` first")
    folders = [evidence.check(settings, run) for run in runs]
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("period.json", json.dumps(_period(runs, since), indent=1))
        archive.write(settings.state / "evidence" / evidence.INDEX, evidence.INDEX)
        for name in (lock.NAME, lock.PROOF):
            if (settings.root / name).is_file():
                archive.write(settings.root / name, name)
        for folder in folders:
            for path in sorted(item for item in folder.rglob("*") if item.is_file()):
                archive.write(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
    partial.replace(target)
    return target


def _at(run: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(run["at"])


def _period(runs: Sequence[dict[str, Any]], since: date | None) -> dict[str, Any]:
    """Return what the archive covers, gaps of more than a week said."""
    times = [_at(run) for run in runs]
    pairs = zip(times, [*times[1:], clock.now()], strict=True)
    return {
        "kind": "redoubt/evidence-period/1",
        "asked_since": since.isoformat() if since else None,
        "from": times[0].isoformat(),
        "to": times[-1].isoformat(),
        "note": "Evidence begins with the first run of this project; nothing is known before it.",
        "gaps": [[a.isoformat(), b.isoformat()] for a, b in pairs if b - a > GAP],
        "runs": list(runs),
    }
