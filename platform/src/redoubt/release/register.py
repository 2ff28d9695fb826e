"""Register a candidate: scan it, sign it, state its provenance, and give it a version."""

from __future__ import annotations

import shutil
from pathlib import Path

from redoubt import (
    admission,
    bundle,
    clock,
    digests,
    files,
    identity,
    modelsign,
    provenance,
    run_record,
)
from redoubt.admission import Case
from redoubt.bundle import Bundle
from redoubt.errors import BadInput, Refused
from redoubt.identity import Identity
from redoubt.project import Project
from redoubt.records import Registration, Run
from redoubt.release.registry import Registry
from redoubt.settings import Settings


def register(settings: Settings, project: Project, digest: str, by: Identity) -> Registration:
    """Register one candidate and return its registration; doing it twice changes nothing.

    The ledger entry comes last, so a killed command leaves no half-registered model and the same
    command finishes the work. Raises Refused on a bundle that is not whole, harmless and recorded.
    """
    settings.require_safe()
    identity.duties(settings.root).require(by, "register")
    case = Case(settings, project, digest)
    known = case.ledger.newest(Registration, digest)
    if known is not None:
        admission.check_registration(case)
        admission.check_signature(case)
        Registry(settings, project).add(digest, case.bundle.run.run_id)
        return known
    case.bundle = _take_over(case)
    admission.check_run(case)
    registry = Registry(settings, project)
    _same_story(case.bundle.run, registry)
    return _record(case, by, registry)


# control: TRN-01
def _same_story(run: Run, registry: Registry) -> None:
    """Refuse a run that MLflow tells otherwise than the signed record."""
    found = run_record.tag_problems(run, registry.tags(run.run_id))
    if found:
        raise Refused(f"MLflow and the run record differ: {found[0]}.",
                      remedy="find out who changed the run in MLflow; train again")  # fmt: skip


# control: SUP-05
def _take_over(case: Case) -> Bundle:
    """Copy a candidate into the registered bundles once its files are seen to be harmless."""
    candidate = candidate_folder(case.settings, case.digest)
    if not candidate.is_dir():
        raise BadInput(
            f"There is no candidate {digests.short(case.digest)}.", remedy="run `redoubt train`"
        )
    final = admission.folder(case.settings, case.digest)
    with files.new_folder(final) as work:
        for path in candidate.iterdir():
            shutil.copyfile(path, work / path.name, follow_symlinks=False)
        _harmless(work, case)
    _harmless(final, case)
    return bundle.load(final, case.digest)


# control: SUP-05
def _harmless(folder: Path, case: Case) -> None:
    from redoubt.release import scan

    bundle.load(folder, case.digest)
    scan.scan({path.name: path.read_bytes() for path in sorted(folder.iterdir())}, case.release)


# control: SUP-04
def _record(case: Case, by: Identity, registry: Registry) -> Registration:
    settings, digest = case.settings, case.digest
    signature = admission.signature_path(settings, digest)
    statement = admission.provenance_path(settings, digest)
    modelsign.sign(admission.folder(settings, digest), signature, settings.keys / "bundle.pem")
    provenance.write(settings, case.project, case.bundle, statement)
    record = Registration(
        model=digest,
        run=case.bundle.manifest.run,
        signature=digests.digest_file(signature),
        provenance=digests.digest_file(statement),
        version=registry.add(digest, case.bundle.run.run_id),
        by=by.actor(),
        at=clock.now(),
    )
    admission.check_signature(case)
    case.ledger.append(record)
    return record


def candidate_folder(settings: Settings, digest: str) -> Path:
    """Return where training left a candidate."""
    return settings.state / "candidates" / bundle.name(digest)
