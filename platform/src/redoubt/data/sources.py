"""The allow-list of sources, and the proof that a file really comes from the one it names."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Literal

import yaml
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from redoubt import clock, digests, files, plain_yaml
from redoubt.errors import BadInput, Refused, yaml_fault
from redoubt.records import Digest, Record, Source
from redoubt.settings import Settings
from redoubt.signing import Anchors, Signer

RECEIPT_TYPE = "application/vnd.redoubt.receipt+json"
ANCHORS = "anchors"
WILDCARDS = frozenset("*?[")
CONF = "conf/sources.yml"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Receipt(Record):
    """A publisher's signed statement that a file is theirs."""

    kind: Literal["redoubt/receipt/1"] = "redoubt/receipt/1"
    source: str
    file: str
    file_digest: Digest
    at: datetime


# control: DAT-01
class Entry(BaseModel):
    """One allowed source: where its files lie, and what proves that they are its files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meaning: str = Field(min_length=1)
    location: str
    key: str | None = None
    digests: tuple[Digest, ...] = ()
    environments: tuple[Literal["development", "validation", "production"], ...] = (
        "development", "validation", "production",
    )  # fmt: skip

    @field_validator("location")
    @classmethod
    def _one_folder(cls, value: str) -> str:
        folder, _, name = value.rpartition("/")
        if not folder or not name or WILDCARDS & set(folder):
            raise ValueError("give one folder; only the file name may hold * or ?")
        return value

    @field_validator("digests")
    @classmethod
    def _whole(cls, value: tuple[Digest, ...]) -> tuple[Digest, ...]:
        for digest in value:
            if not DIGEST.fullmatch(digest):
                raise ValueError(
                    f"{digest!r} is no digest: write sha256: before what sha256sum prints"
                )
        return value

    @field_validator("key")
    @classmethod
    def _public_key(cls, value: str | None) -> str | None:
        if value not in (None, ANCHORS):
            try:
                serialization.load_pem_public_key(str(value).encode())
            except (ValueError, UnsupportedAlgorithm) as error:
                raise ValueError("give a public key in PEM, or `anchors`") from error
        return value

    # control: DAT-01
    @model_validator(mode="after")
    def _proves_something(self) -> Entry:
        if self.key is None and not self.digests:
            raise ValueError("give the publisher's public key or the digests of the files")
        return self


class _Listed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    sources: dict[str, Entry] = Field(default_factory=dict)
    disabled: tuple[str, ...] = ()


# control: DAT-01
def load(settings: Settings) -> dict[str, Entry]:
    """Return the sources allowed in this environment: the platform's and the project's.

    Raises BadInput on an entry that is not one, Refused on one that redefines the platform's.
    """
    floor = _parse(
        "sources.yml", resources.files("redoubt.policy").joinpath("sources.yml").read_text()
    )
    path = settings.root / CONF
    own = _parse(CONF, path.read_text()) if path.exists() else _Listed()
    double = sorted(floor.sources.keys() & own.sources.keys())
    if double:
        raise Refused(
            f"{CONF} redefines {double[0]!r}, which is the platform's "
            f"(location {floor.sources[double[0]].location}).",
            remedy="give your source a name of its own",
        )
    return {
        name: entry
        for name, entry in (floor.sources | own.sources).items()
        if settings.environment in entry.environments and name not in own.disabled
    }


def _parse(where: str, text: str) -> _Listed:
    try:
        return _Listed.model_validate(plain_yaml.load(text) or {})
    except yaml.YAMLError as error:
        raise BadInput(f"{where} is not YAML: {yaml_fault(error)}.",
                       remedy="see the example on top of the platform's policy/sources.yml") from error  # fmt: skip
    except ValidationError as error:
        # A misspelt key is two errors, and the missing one would show the whole entry.
        first = max(error.errors(include_url=False), key=lambda e: e["type"] == "extra_forbidden")
        place = ".".join(map(str, first["loc"]))
        raise BadInput(
            f"{where}: {place}={first.get('input')!r}: {first['msg']}.",
            remedy="see the example on top of the platform's policy/sources.yml",
        ) from error


# control: DAT-01
def admit(settings: Settings, name: str, file: Path, *, limit: int) -> tuple[Source, bytes]:
    """Return the source and the bytes of a file, read once and proven to come from that source.

    ``limit`` is the largest size in bytes. Raises Refused when the source is not listed, the file
    lies elsewhere or its proof does not hold; BadInput when there is no such file.
    """
    entry = listed(settings, name)
    path = file.resolve()
    _require_location(settings, name, entry, path)
    data = _read(path, limit)
    found = digests.digest(data)
    kind = _require_proof(settings, name, entry, path, found)
    return Source(name=name, kind=kind, location=entry.location, file_digest=found), data


def listed(settings: Settings, name: str) -> Entry:
    """Return the entry of a source. Raises Refused naming the ones there are."""
    known = load(settings)
    if name not in known:
        raise Refused(
            f"{name!r} is not a source that data may come from in {settings.environment}; "
            f"listed are {', '.join(sorted(known)) or 'none'}.",
            remedy=f"name a listed one with --source, or have it added to {CONF} in a review",
        )
    return known[name]


# control: DAT-01
def _require_location(settings: Settings, name: str, entry: Entry, path: Path) -> None:
    pattern = settings.root / entry.location.replace("{state}", str(settings.state))
    if not path.exists():
        raise BadInput(f"{path.name} does not exist.", remedy="check the path")
    inside = path.parent == pattern.parent.resolve() and fnmatchcase(path.name, pattern.name)
    if not inside:
        raise Refused(
            f"{path.name} does not lie where {name!r} publishes "
            f"({os.path.relpath(pattern, settings.root)}).",
            remedy=f"take the file from there, or have the location changed in {CONF}",
        )


def _read(path: Path, limit: int) -> bytes:
    try:
        if path.stat().st_size > limit:
            raise BadInput(f"{path.name} is larger than {limit >> 20} MiB.",
                           remedy="publish it in smaller files")  # fmt: skip
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.",
                       remedy="check the path and its permissions") from error  # fmt: skip


# control: DAT-01
def _require_proof(settings: Settings, name: str, entry: Entry, path: Path, found: Digest) -> str:
    """Return what proved the file: its listed digest, or its publisher's signed receipt."""
    if found in entry.digests:
        return "listed-digest"
    if entry.key is None:
        raise Refused(
            f"{path.name} ({found}) is not one of the files that {CONF} lists for {name!r}.",
            remedy="have its digest added in a review, after asking the publisher for it",
        )
    receipt = _receipt(settings, entry, path)
    if (receipt.source, receipt.file_digest) != (name, found):
        raise Refused(
            f"The receipt of {path.name} speaks of source {receipt.source!r} and "
            f"{receipt.file_digest}; the file is {found} of {name!r}.",
            remedy="fetch file and receipt again from the publisher; do not edit either",
        )
    return "signed-receipt"


def _receipt(settings: Settings, entry: Entry, path: Path) -> Receipt:
    anchors = (
        settings.trust if entry.key == ANCHORS else Anchors({"source": (str(entry.key),)}, False)
    )
    place = receipt_path(path)
    try:
        envelope = json.loads(place.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused(
            f"{path.name} has no readable receipt ({place.name}) beside it.",
            remedy="fetch it from the publisher (they make it with `redoubt data sign`)",
        ) from error
    try:
        return Receipt.model_validate_json(anchors.verify(envelope, "source", RECEIPT_TYPE))
    except ValidationError as error:
        raise Refused(f"{place.name} is signed but is no receipt.",
                      remedy="ask the publisher for a receipt") from error  # fmt: skip


def receipt_path(file: Path) -> Path:
    """Return where the receipt of a file lies."""
    return file.with_name(file.name + ".receipt.json")


def write_receipt(file: Path, source: str, signer: Signer) -> Path:
    """Sign that ``file`` is published by ``source``; return the receipt's path.

    Raises BadInput when there is no such file, Unavailable when the key or the disk fails.
    """
    if not file.is_file():
        raise BadInput(f"{file} does not exist.", remedy="check the path")
    receipt = Receipt(
        source=source, file=file.name, file_digest=digests.digest_file(file), at=clock.now()
    )
    place = receipt_path(file)
    files.write_text(place, json.dumps(signer.sign(receipt.canonical(), RECEIPT_TYPE), indent=1))
    return place
