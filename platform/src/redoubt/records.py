"""What passes between stages: frozen, versioned, and named by the digest of its canonical JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from redoubt import digests

Digest = str
Outcome = Literal["pass", "fail", "error"]
Direction = Literal["min", "max"]
Tier = Literal[1, 2, 3]


class Record(BaseModel):
    """A frozen record. ``kind`` names its shape and version, so an old one stays readable."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def canonical(self) -> bytes:
        """Return the canonical JSON, the bytes that are digested and signed."""
        return digests.canonical(self.model_dump(mode="json"))

    @property
    def digest(self) -> Digest:
        """Return the digest of the canonical JSON."""
        return digests.digest(self.canonical())


class Actor(Record):
    """Who acted, as the verified token said."""

    subject: str
    issuer: str
    roles: tuple[str, ...]


class Source(Record):
    """Where data came from: an entry of the allow-list and the file that was read."""

    name: str
    kind: str
    location: str
    file_digest: Digest


class Lineage(Record):
    """How one dataset snapshot came to be. ``dataset`` is the digest of its content."""

    kind: Literal["redoubt/lineage/1"] = "redoubt/lineage/1"
    dataset: Digest
    source: Source
    contract: Digest
    rows: int
    quarantined: int
    columns: tuple[str, ...]
    by: Actor
    at: datetime


class CodeState(Record):
    """The code that ran. Without a repository ``commit`` is None and ``tree`` says what was there."""

    commit: str | None
    clean: bool
    tree: Digest
    basis: Literal["git", "tree"]


class Environment(Record):
    """The interpreter and the installed packages, one digest over both."""

    python: str
    platform: str
    packages: Digest
    lock: Digest
    image: Digest | None = None


class Splits(Record):
    """Locked row assignment. ``locked`` is older than the run that uses it."""

    kind: Literal["redoubt/splits/1"] = "redoubt/splits/1"
    dataset: Digest
    seed: int
    rows: dict[str, int]
    assignment: Digest
    out_of_time_from: str
    locked: datetime


class Metric(Record):
    """A measured value with its confidence bounds."""

    value: float
    low: float
    high: float
    n: int


class Run(Record):
    """A complete training run (control TRN-01)."""

    kind: Literal["redoubt/run/1"] = "redoubt/run/1"
    run_id: str
    project: str
    profile: str
    tier: Tier
    author: Actor
    code: CodeState
    dataset: Digest
    lineage: Digest
    splits: Digest
    environment: Environment
    seed: int
    parameters: dict[str, Any]
    metrics: dict[str, Metric]
    challenger: dict[str, Metric]
    tracking: str
    at: datetime


class Manifest(Record):
    """What a model bundle holds: ``files`` maps each relative path to its digest."""

    kind: Literal["redoubt/bundle/1"] = "redoubt/bundle/1"
    project: str
    profile: str
    tier: Tier
    run: Digest
    serving_code: dict[str, Digest]
    features: tuple[str, ...]
    files: dict[str, Digest]


class Registration(Record):
    """A bundle entered the registry."""

    kind: Literal["redoubt/registration/1"] = "redoubt/registration/1"
    model: Digest
    run: Digest
    signature: Digest
    provenance: Digest
    version: str
    by: Actor
    at: datetime


class Limit(Record):
    """The effective limit of one measure, and where it came from."""

    value: float
    direction: Direction
    source: Literal["floor", "override"]


class GateResult(Record):
    """One gate's judgement of one model. ``error`` denies as ``fail`` does."""

    kind: Literal["redoubt/gate/1"] = "redoubt/gate/1"
    gate: str
    model: Digest
    dataset: Digest
    tier: Tier
    outcome: Outcome
    measured: dict[str, Metric]
    limits: dict[str, Limit]
    rules: Digest
    reasons: tuple[str, ...]
    by: Actor
    at: datetime


class ControlResult(Record):
    """What the catalogue said of one model: each requirement that speaks of models, and its result.

    ``denials`` say why the model must not be promoted; ``waivers`` are those that acted, by
    requirement. It holds no time: the same answer about the same model has the same digest.
    """

    kind: Literal["redoubt/controls/1"] = "redoubt/controls/1"
    model: Digest
    tier: Tier
    catalogue: Digest | None
    results: dict[str, str]
    waivers: dict[str, Digest]
    denials: tuple[str, ...]


class Approval(Record):
    """A person with the role approves one model on the evidence named here, until ``expires``."""

    kind: Literal["redoubt/approval/1"] = "redoubt/approval/1"
    model: Digest
    run_author: str
    tier: Tier
    gates: dict[str, Digest]
    comment: str
    by: Actor
    at: datetime
    expires: datetime


class Decision(Record):
    """A release decision, positive or not. ``inputs`` maps what was weighed to its digest."""

    kind: Literal["redoubt/decision/1"] = "redoubt/decision/1"
    action: Literal["promote", "rollback"]
    outcome: Literal["granted", "denied"]
    model: Digest
    replaces: Digest | None
    tier: Tier
    rules: Digest
    inputs: dict[str, Digest]
    reasons: tuple[str, ...]
    by: Actor
    at: datetime


class WaiverApproval(Record):
    """Somebody else than its requester approves the waiver with this digest."""

    kind: Literal["redoubt/waiver-approval/1"] = "redoubt/waiver-approval/1"
    waiver: Digest
    requirement: str
    by: Actor
    at: datetime


class Checkpoint(Record):
    """The head of a hash chain, kept in a second place so that a dropped tail shows."""

    kind: Literal["redoubt/checkpoint/1"] = "redoubt/checkpoint/1"
    chain: str
    count: int = Field(ge=0)
    head: str
    at: datetime


KINDS: dict[str, type[Record]] = {
    record.model_fields["kind"].default: record
    for record in (
        Lineage, Splits, Run, Manifest, Registration, GateResult, ControlResult,
        Approval, Decision, WaiverApproval, Checkpoint,
    )
}  # fmt: skip


def parse(data: bytes) -> Record:
    """Read a record of any known kind.

    Raises ValueError when the kind is unknown or the data does not fit it.
    """
    import json

    value = json.loads(data)
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in KINDS:
        raise ValueError(f"unknown record kind {kind!r}")
    return KINDS[kind].model_validate_json(data)
