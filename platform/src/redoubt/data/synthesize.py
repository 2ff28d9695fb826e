"""Write the profile's synthetic truth as a bank's export would look: a CSV file and its receipt."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from redoubt import files, profiles
from redoubt.data import sources
from redoubt.errors import BadInput, Refused
from redoubt.project import Project
from redoubt.settings import Settings

SOURCE = "synthetic"
MAX_ROWS = 5_000_000


def write(settings: Settings, project: Project, *, rows: int = 20_000, seed: int = 7) -> Path:
    """Write ``rows`` synthetic rows to the incoming folder and return the file's path.

    The columns are those of the profile's reference schema. Raises Refused outside development.
    """
    if not settings.development:
        raise Refused(f"Synthetic data is for development, and this is {settings.environment}.",
                      remedy="ingest data of a listed source")  # fmt: skip
    if not 1 <= rows <= MAX_ROWS:
        raise BadInput(f"rows={rows}.", remedy=f"give 1 to {MAX_ROWS:,}")
    table, _ = profiles.get(project.profile).synthesize(rows, seed)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*(_text(values) for values in table.values()), strict=True))
    name = f"{project.profile}-{rows}-rows-seed-{seed}.csv"
    path = settings.state / "data" / "incoming" / name
    files.write_text(path, stream.getvalue())
    sources.write_receipt(path, SOURCE, settings.signer("source"))
    return path


def _text(values: NDArray[np.generic]) -> list[str]:
    """Return cells as text: "" where missing, whole numbers without a point."""
    if values.dtype.kind != "f":
        return [str(value) for value in values]
    return ["" if math.isnan(value) else f"{value:.10g}" for value in values.tolist()]
