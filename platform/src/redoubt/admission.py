"""What must be true of a model before it is approved, promoted or loaded: one set of checks for all.

Each check reads signed records and bundle bytes, returns the digest of what it weighed, and raises
Refused. Release folds them into a decision; serving runs them at start.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from redoubt import bundle, clock, digests, identity, limits, modelsign, provenance, run_record
from redoubt.bundle import Bundle
from redoubt.errors import BadInput, Refused
from redoubt.ledger import Ledger
from redoubt.project import Project
from redoubt.records import (
    Actor,
    Approval,
    ControlResult,
    Decision,
    GateResult,
    Record,
    Registration,
    Run,
)
from redoubt.settings import DEVELOPMENT_ISSUER, Settings

AFTER_APPROVAL = frozenset({"parity-service"})
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
Signature = Callable[[], modelsign.Files]


def folder(settings: Settings, digest: str) -> Path:
    """Return where a registered bundle lies."""
    return settings.state / "bundles" / bundle.name(digest)


def signature_path(settings: Settings, digest: str) -> Path:
    """Return where its OpenSSF signature lies: beside the folder, never in it."""
    return settings.state / "bundles" / f"{bundle.name(digest)}.sig"


def provenance_path(settings: Settings, digest: str) -> Path:
    """Return where its provenance envelope lies."""
    return settings.state / "bundles" / f"{bundle.name(digest)}.provenance.json"


def signature_check(
    settings: Settings, digest: str, process: subprocess.Popen[bytes] | None = None
) -> Signature:
    """Start verifying the signature in a child process; call the result to get the files.

    A service starts this first and pays neither the second nor the memory of the import; it may
    hand over a child that it started before it knew the digest.
    """
    where = folder(settings, digest), signature_path(settings, digest)
    return modelsign.Child(settings, *where, process).files


# control: SRV-06
def promoted(ledger: Ledger) -> Decision | None:
    """Return the newest granted decision: its model is the one that may serve."""
    granted = [item for item in ledger.all(Decision) if item.outcome == "granted"]
    return granted[-1] if granted else None


@dataclass
class Case:
    """One model on trial: its bundle, the ledger and the rules, each read once."""

    settings: Settings
    project: Project
    digest: str
    signature: Signature | None = None

    def __post_init__(self) -> None:
        if not DIGEST.fullmatch(self.digest):
            raise BadInput(
                f"{self.digest!r} is no digest.", remedy="give sha256: and 64 hex digits"
            )

    @cached_property
    def ledger(self) -> Ledger:
        """Return the ledger; whoever reads it verifies it."""
        return Ledger(self.settings)

    @cached_property
    def now(self) -> datetime:
        """Return the time of the trial, refusing a clock before the newest record."""
        return clock.after(self.ledger.latest_time())

    @cached_property
    def rules(self) -> limits.Limits:
        """Return the effective gate limits of this project."""
        return limits.load(
            self.settings.root, "gates", self.project.tier, self.project.jurisdictions
        )

    @cached_property
    def release(self) -> limits.Limits:
        """Return the effective release limits of this project."""
        return limits.load(
            self.settings.root, "release", self.project.tier, self.project.jurisdictions
        )

    @cached_property
    def bundle(self) -> Bundle:
        """Return the registered bundle, its bytes checked against its own digest."""
        return bundle.load(folder(self.settings, self.digest), self.digest)

    def actor(self, actor: Actor, action: str) -> Actor:
        """Return the actor of a record, refused as by :func:`acted`."""
        return acted(self.settings, actor, action)


# control: IAM-02
def acted(settings: Settings, actor: Actor, action: str) -> Actor:
    """Refuse an actor of a record whose roles do not allow the action.

    One whom the development issuer named acts in development only, whatever the roles.
    """
    if actor.issuer == DEVELOPMENT_ISSUER and not settings.development:
        raise Refused(
            f"{actor.subject} was named by the development issuer.",
            remedy="do it again as an identity of this environment's issuer",
        )
    identity.duties(settings.root).require(actor, action)
    return actor


# control: SRV-06
# control: SUP-04
def check_signature(case: Case) -> str:
    """Refuse a bundle unless trusted keys signed exactly the files that its manifest names."""
    path = signature_path(case.settings, case.digest)
    wanted = provenance.subjects(case.bundle)
    if case.signature is not None:
        signed = case.signature()
    else:
        signed = modelsign.verify(folder(case.settings, case.digest), path, case.settings.trust)
    if signed != wanted:
        odd = sorted(name for name in signed.keys() | wanted.keys()
                     if signed.get(name) != wanted.get(name))  # fmt: skip
        raise Refused(f"The signature does not cover {odd[0]}.", remedy=modelsign.REMEDY)
    return digests.digest_file(path)


# control: SUP-04
def check_provenance(case: Case) -> str:
    """Refuse a bundle whose provenance another builder, repository, commit or data speaks of."""
    path = provenance_path(case.settings, case.digest)
    provenance.verify(case.settings, case.project, case.bundle, path)
    return digests.digest_file(path)


# control: TRN-01
# control: SRV-06
def check_run(case: Case) -> str:
    """Refuse a bundle whose run is not on the ledger, not complete, or of another project or tier."""
    run, manifest = case.bundle.run, case.bundle.manifest
    if run.digest not in {item.digest for item in case.ledger.all(Run)}:
        raise Refused("Its training run is not on the ledger.", remedy="train with `redoubt train`")
    run_record.require_complete(run, case.settings, case.ledger)
    case.actor(run.author, "train")
    if not run.project == manifest.project == case.project.package:
        raise Refused(f"It was trained for project {run.project}.", remedy="train it here")
    if not run.tier == manifest.tier == case.project.tier:
        raise Refused(
            f"It was trained for tier {run.tier}; this project is tier {case.project.tier}.",
            remedy="train and judge it again under the tier of the project",
        )
    return run.digest


def check_registration(case: Case) -> str:
    """Refuse a model that is not registered, or whose signature or provenance was exchanged."""
    found = registration(case)
    case.actor(found.by, "register")
    if found.run != case.bundle.manifest.run:
        raise Refused("Its registration names another run.", remedy="register it again")
    for what, path, wanted in (
        ("signature", signature_path(case.settings, case.digest), found.signature),
        ("provenance", provenance_path(case.settings, case.digest), found.provenance),
    ):
        if not path.is_file() or digests.digest_file(path) != wanted:
            raise Refused(f"Its {what} is not the registered one.", remedy="restore it")
    return found.digest


def registration(case: Case) -> Registration:
    """Return the newest registration of the model. Raises Refused when there is none."""
    found = case.ledger.newest(Registration, case.digest)
    if found is None:
        raise Refused(
            f"Model {digests.short(case.digest)} is not registered.",
            remedy="run `redoubt register`",
        )
    return found


# control: IAM-02
# control: SRV-06
def check_approval(case: Case) -> str:
    """Refuse a model without a valid approval: by the role, by another person, not expired."""
    found = approval(case)
    run, by = case.bundle.run, case.actor(found.by, "approve")
    for who, other in (("trained", run.author), ("registered", registration(case).by)):
        if identity.same_person(by.subject, other.subject):
            raise Refused(f"{by.subject} {who} this model and cannot approve it.",
                          remedy="another person with the role approves it")  # fmt: skip
    until = valid_until(case, found)
    if not found.at <= case.now < until:
        raise Refused(
            f"Its approval of {found.at:%Y-%m-%d} expired on {until:%Y-%m-%d}.",
            remedy="judge it again and have it approved again",
        )
    if found.tier != case.project.tier or found.run_author != run.author.subject:
        raise Refused("Its approval is for another tier or run.", remedy="approve it again")
    _approved_evidence(case, found)
    return found.digest


def approval(case: Case) -> Approval:
    """Return the newest approval of the model. Raises Refused when there is none."""
    found = case.ledger.newest(Approval, case.digest)
    if found is None:
        raise Refused(
            f"Model {digests.short(case.digest)} is not approved.",
            remedy="another person than its author runs `redoubt approve`",
        )
    return found


# control: SRV-06
def valid_until(case: Case, found: Approval) -> datetime:
    """Return when an approval ends: at its own date or the policy's, whichever comes first."""
    longest = timedelta(days=case.release.number("approval", "valid_days"))
    return min(found.expires, found.at + longest)


# control: GATE-01
def _approved_evidence(case: Case, found: Approval) -> None:
    """Refuse an approval that does not stand on a passing result of every earlier gate."""
    results = {item.digest: item for item in case.ledger.all(GateResult, case.digest)}
    for gate in required(case, after_approval=False):
        seen = results.get(found.gates.get(gate, ""))
        if seen is None or seen.gate != gate or seen.outcome != "pass":
            raise Refused(f"Its approval does not name a passing {gate} gate.",
                          remedy="run `redoubt judge`, then have it approved again")  # fmt: skip


# control: GATE-01
def required(case: Case, *, after_approval: bool) -> tuple[str, ...]:
    """Return the gates that the tier requires; those after approval only if asked for."""
    names = case.rules.lists["required"]
    return tuple(name for name in names if after_approval or name not in AFTER_APPROVAL)


# control: IAM-02
# control: GATE-01
def check_gate(case: Case, gate: str, *, fresh: bool = True) -> str:
    """Refuse a model whose newest result of a gate is missing, failed, stale or of other rules.

    ``fresh=False`` is for going back to a model that was promoted on fresh evidence.
    """
    remedy = f"run `redoubt judge --gate {gate}`"
    results = [item for item in case.ledger.all(GateResult, case.digest) if item.gate == gate]
    if not results:
        raise Refused(f"Gate {gate} has no result.", remedy=remedy)
    newest = results[-1]
    case.actor(newest.by, "judge")
    if newest.outcome != "pass":
        why = f": {newest.reasons[0]}" if newest.reasons else ""
        better = "train a better model" if newest.outcome == "fail" else "put that right"
        raise Refused(f"Gate {gate} says {newest.outcome}{why}.", remedy=f"{better}, then {remedy}")
    if newest.dataset != case.bundle.run.dataset or newest.tier != case.project.tier:
        raise Refused(f"Gate {gate} judged another dataset or tier.", remedy=remedy)
    if fresh:
        _fresh(case, newest, remedy)
    return newest.digest


# control: GATE-01
def _fresh(case: Case, result: GateResult, remedy: str) -> None:
    oldest = case.now - timedelta(days=case.rules.number("evidence", "max_age_days"))
    if result.at < oldest or result.at > case.now:
        raise Refused(f"Gate {result.gate} is of {result.at:%Y-%m-%d}: too old.", remedy=remedy)
    if result.rules != case.rules.rules:
        raise Refused(f"The rules changed since gate {result.gate} judged.", remedy=remedy)


# control: IAM-02
# control: SRV-06
def check_decision(case: Case) -> Decision:
    """Refuse a model unless the newest granted decision of all is about it, on known evidence."""
    found = promoted(case.ledger)
    if found is None or found.model != case.digest:
        raise Refused(
            f"Model {digests.short(case.digest)} is not the promoted one.",
            remedy="run `redoubt promote`; an older decision does not count",
        )
    case.actor(found.by, found.action)
    if found.tier != case.project.tier:
        raise Refused("It was promoted under another tier.", remedy="promote it again")
    known = {entry.record.digest: entry.record for entry in case.ledger.entries()}
    weighed = {"run", "registration", "approval", "controls"} | {
        f"gate:{name}" for name in required(case, after_approval=True)
    }
    missing = sorted(
        name for name in weighed if not _answers(case, name, known.get(found.inputs.get(name, "")))
    )
    if missing:
        raise Refused(f"Its decision did not weigh {missing[0]}.", remedy="promote it again")
    return found


# control: SRV-06
# control: GATE-01
def _answers(case: Case, name: str, record: Record | None) -> bool:
    """Say whether a record is what a decision weighs under this name: about this model, and a pass."""
    if isinstance(record, GateResult):
        about = record.model == case.digest and record.outcome == "pass"
        return about and name == f"gate:{record.gate}"
    if isinstance(record, ControlResult):
        about = record.model == case.digest and record.tier == case.project.tier
        return name == "controls" and about and not record.denials
    if isinstance(record, Run):
        return name == "run" and record.digest == case.bundle.manifest.run
    kinds = {"registration": Registration, "approval": Approval}
    return type(record) is kinds.get(name) and getattr(record, "model", None) == case.digest


@dataclass(frozen=True)
class Admitted:
    """A model that may be loaded: its bundle's bytes and what admitted it."""

    bundle: Bundle
    registration: Registration
    approval: Approval
    decision: Decision | None
    expires: datetime


# control: SRV-06
def admit(
    settings: Settings,
    project: Project,
    digest: str,
    *,
    candidate: bool,
    signature: Signature | None = None,
) -> Admitted:
    """Return a model that may be loaded; with ``candidate`` for judging it, else for serving.

    A candidate is signed, registered, approved and has fresh passes of the gates before approval;
    a served model is also the one that the newest granted decision names. Raises Refused.
    """
    settings.require_safe()
    case = Case(settings, project, digest, signature)
    check_run(case)
    check_registration(case)
    check_provenance(case)
    check_approval(case)
    decision = None
    if candidate:
        for gate in required(case, after_approval=False):
            check_gate(case, gate)
    else:
        decision = check_decision(case)
    check_signature(case)  # control: SRV-06
    given = approval(case)
    return Admitted(case.bundle, registration(case), given, decision, valid_until(case, given))
