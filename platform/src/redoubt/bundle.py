"""A model bundle: a folder of plain data files, named by the digest of its manifest.

``manifest.json`` maps every other file to its digest, so one digest names the whole. Nothing in a
bundle is executable: ONNX and JSON only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from redoubt import digests, formats
from redoubt.errors import Refused
from redoubt.records import Manifest, Record, Run

RecordT = TypeVar("RecordT", bound=Record)
MODEL, MANIFEST = "model.onnx", "manifest.json"
FILES = (MODEL, "run.json", "columns.json", "support.json", "reasons.json", "bands.json",
         "golden.json")  # fmt: skip
MAX_FILE = 512 << 20


class RequestColumn(Record):
    """One input of a request: the contract's range (refused outside) and the training support."""

    name: str
    type: str
    meaning: str
    low: float | None
    high: float | None
    levels: tuple[str, ...]
    missing: bool
    seen_low: float | None
    seen_high: float | None
    seen_levels: tuple[str, ...]


class Support(Record):
    """The training domain in feature space: F means, F reference values, an F x F whitening matrix.

    A row is jointly out of support when ``|whitening @ (x - mean)|`` exceeds ``distance``; missing
    feature values are replaced by ``mean``. ``reference`` holds the median feature values of
    training rows with a good outcome, the yardstick of adverse-action reasons.
    """

    mean: tuple[float, ...]
    reference: tuple[float, ...]
    whitening: tuple[tuple[float, ...], ...]
    distance: float


class Bands(Record):
    """How a score is shown: rounded to ``digits``, and the band whose upper edge it stays below."""

    digits: int
    edges: tuple[float, ...]
    names: tuple[str, ...]


class Golden(Record):
    """Fixed inputs (column -> n values) and the n scores that the fitted recipe gave them."""

    inputs: dict[str, tuple[Any, ...]]
    scores: tuple[float, ...]
    tolerance: float


@dataclass(frozen=True)
class Bundle:
    """A bundle read once and checked against its manifest; use these bytes, not the files again."""

    digest: str
    manifest: Manifest
    run: Run
    model: bytes
    columns: tuple[RequestColumn, ...]
    support: Support
    reasons: Mapping[str, str]
    bands: Bands
    golden: Golden


def write(folder: Path, manifest: Manifest, files: Mapping[str, bytes]) -> str:
    """Write the files and the manifest into an empty folder; return the bundle's digest."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    data = manifest.canonical()
    (folder / MANIFEST).write_bytes(data)
    return digests.digest(data)


def name(digest: str) -> str:
    """Return the folder name of a bundle: its digest's hex part."""
    return digest.removeprefix("sha256:")


# control: MON-06
# control: SRV-06
def load(folder: Path, expected: str | None = None) -> Bundle:
    """Read a bundle, refusing a changed, missing or extra file and, if given, another digest.

    Raises Refused naming the file.
    """
    contents = _read(folder)
    data = contents.pop(MANIFEST)
    found = digests.digest(data)
    if expected is not None and found != expected:
        raise _refused(folder, f"its digest is {found}, expected {expected}")
    manifest = _parse(folder, Manifest, data)
    actual = {key: digests.digest(value) for key, value in contents.items()}
    for key in sorted(actual.keys() | manifest.files.keys()):
        if actual.get(key) != manifest.files.get(key):
            raise _refused(folder, f"{key} does not match the manifest")
    run = _parse(folder, Run, contents["run.json"])
    if run.digest != manifest.run:
        raise _refused(folder, "run.json is not the manifest's run")
    return Bundle(
        found, manifest, run, contents[MODEL],
        tuple(RequestColumn.model_validate(item) for item in json.loads(contents["columns.json"])),
        _parse(folder, Support, contents["support.json"]), json.loads(contents["reasons.json"]),
        _parse(folder, Bands, contents["bands.json"]),
        _parse(folder, Golden, contents["golden.json"]),
    )  # fmt: skip


# control: SUP-05
def _read(folder: Path) -> dict[str, bytes]:
    """Read exactly the files that a bundle may hold: names on the list, plain files, bounded."""
    if not folder.is_dir():
        raise _refused(folder, "it does not exist")
    allowed = {*FILES, MANIFEST}
    for path in folder.rglob("*"):
        if path.name not in allowed or path.is_symlink() or not path.is_file():
            raise _refused(folder, f"{path.name} is not a file that a bundle may hold")
        if path.stat().st_size > MAX_FILE:
            raise _refused(folder, f"{path.name} is larger than {MAX_FILE >> 20} MiB")
    missing = sorted(file for file in allowed if not (folder / file).is_file())
    if missing:
        raise _refused(folder, f"{missing[0]} is missing")
    contents = {file: (folder / file).read_bytes() for file in sorted(allowed)}
    for file, data in contents.items():
        formats.check(file, data)
    return contents


def _parse(folder: Path, kind: type[RecordT], data: bytes) -> RecordT:
    try:
        return kind.model_validate_json(data)
    except ValueError as error:
        raise _refused(folder, f"a {kind.__name__.lower()} in it cannot be read") from error


def _refused(folder: Path, why: str) -> Refused:
    return Refused(
        f"Bundle {folder.name[:12]}: {why}.",
        remedy="use the bundle as it was registered; a changed one must be trained and approved",
    )
