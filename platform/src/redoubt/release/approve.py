"""Approve a registered model: another person, with the role, on passing evidence, for a time."""

from __future__ import annotations

from datetime import timedelta

from redoubt import admission, identity
from redoubt.admission import Case
from redoubt.errors import BadInput, Refused
from redoubt.identity import Identity, same_person
from redoubt.project import Project
from redoubt.records import Approval
from redoubt.release import authorship
from redoubt.settings import Settings


# control: IAM-02
def approve(
    settings: Settings, project: Project, digest: str, by: Identity, comment: str
) -> Approval:
    """Sign an approval of exactly this digest on the newest gate results, and return it.

    The same person on the same evidence gets the approval that is there. Raises Refused when the
    person may not, is the author or registrant, or when the model's evidence does not hold.
    """
    settings.require_safe()
    identity.duties(settings.root).require(by, "approve")
    if not comment.strip():
        raise BadInput("An approval without words.", remedy="say with --comment what you reviewed")
    case = Case(settings, project, digest)
    another_person(case, by)
    for check in (admission.check_run, admission.check_registration,
                  admission.check_provenance, admission.check_signature):  # fmt: skip
        check(case)
    gates = {name: admission.check_gate(case, name)
             for name in admission.required(case, after_approval=False)}  # fmt: skip
    return _existing(case, by, gates) or _append(case, by, gates, comment.strip())


# control: IAM-02
def another_person(case: Case, by: Identity) -> None:
    """Refuse the author of the run, of the merged change and of the registration as approver."""
    author, code = case.bundle.run.author, case.bundle.run.code
    registrant = admission.registration(case).by
    for did, subject in (("trained", author.subject), ("registered", registrant.subject)):
        if same_person(by.subject, subject):
            raise _own_work(by, did)
    if authorship.is_among(by.subject, authorship.changed(case.settings.root, code.commit)):
        raise _own_work(by, "wrote the change behind")


def _own_work(by: Identity, did: str) -> Refused:
    return Refused(
        f"{by.subject} {did} this model and cannot approve it.",
        remedy="another person with the role approves it",
    )


def _existing(case: Case, by: Identity, gates: dict[str, str]) -> Approval | None:
    found = case.ledger.newest(Approval, case.digest)
    same = found is not None and found.by == by.actor() and found.gates == gates
    holds = found is not None and case.now < admission.valid_until(case, found)
    return found if same and holds else None


def _append(case: Case, by: Identity, gates: dict[str, str], comment: str) -> Approval:
    record = Approval(
        model=case.digest, run_author=case.bundle.run.author.subject, tier=case.project.tier,
        gates=gates, comment=comment, by=by.actor(), at=case.now,
        expires=case.now + timedelta(days=case.release.number("approval", "valid_days")),
    )  # fmt: skip
    case.ledger.append(record)
    return record
