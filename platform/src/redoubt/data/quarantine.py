"""Where refused rows and the reasons of refused files go: beside the data, never into a snapshot."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from redoubt import digests, files
from redoubt.data.readers import Violation
from redoubt.records import Digest
from redoubt.settings import Settings


def folder(settings: Settings, file_digest: Digest) -> Path:
    """Return the quarantine folder of a file."""
    return settings.state / "data" / "quarantine" / digests.short(file_digest)


def rows(
    settings: Settings, file_digest: Digest, cells: pd.DataFrame, found: Sequence[Violation]
) -> Path:
    """Set aside the rows that broke the contract, as they came, and why; return the folder.

    ``rows.csv`` holds the cells; ``reasons.json`` names rows (from 1, without header), columns and
    rules, so it can be passed on without passing on a person's data.
    """
    place = folder(settings, file_digest)
    bad = sorted({violation.row for violation in found})
    kept = cells.iloc[bad].assign(**{"row": [row + 1 for row in bad]})
    files.write_text(place / "rows.csv", kept.to_csv(index=False))
    reasons = [
        {"row": violation.row + 1, "column": violation.column, "rule": violation.rule}
        for violation in sorted(found)
    ]
    _write(place, file_digest, {"rows": len(bad), "of": len(cells), "reasons": reasons})
    return place


def whole(settings: Settings, file_digest: Digest, name: str, why: str) -> Path:
    """Record that a whole file was refused; the file itself stays where its publisher put it."""
    place = folder(settings, file_digest)
    _write(place, file_digest, {"name": name, "refused": why})
    return place


def read(settings: Settings, file: Path) -> dict[str, Any]:
    """Return what is on record about a refused file, or about its refused rows; {} if nothing."""
    place = folder(settings, digests.digest_file(file)) / "reasons.json"
    return dict(json.loads(place.read_bytes())) if place.exists() else {}


def _write(place: Path, file_digest: Digest, content: dict[str, object]) -> None:
    text = json.dumps({"file": file_digest} | content, indent=1)
    files.write_text(place / "reasons.json", text + "\n")


def summary(found: Sequence[Violation]) -> str:
    """Return the broken rules with their counts, most frequent first."""
    counts = Counter(f"{violation.column}: {violation.rule}" for violation in found)
    return "; ".join(f"{rule} ({count})" for rule, count in counts.most_common(5))
