"""What is promoted, how long it may stay, and whether registry and records say the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from redoubt import admission, digests
from redoubt.admission import Case
from redoubt.errors import RedoubtError
from redoubt.ledger import Ledger
from redoubt.project import Project
from redoubt.records import Approval, Decision, GateResult, Registration
from redoubt.release.registry import Registry
from redoubt.settings import Settings

SOON = timedelta(days=14)
Checks = dict[str, Callable[[Case], object]]


@dataclass(frozen=True)
class Status:
    """The state of a project's release; ``problems`` is empty when all is well.

    ``expires`` is until when the promoted model may be loaded.
    """

    decision: Decision | None
    registration: Registration | None
    approval: Approval | None
    expires: datetime | None
    gates: dict[str, GateResult]
    alias: str | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def status(settings: Settings, project: Project) -> Status:
    """Return the state, with every disagreement found. Raises Refused when the ledger is broken."""
    ledger = Ledger(settings)
    decision = admission.promoted(ledger)
    alias = Registry(settings, project).champion()
    problems = list(reconcile(decision, alias))
    if decision is None:
        return Status(None, None, None, None, {}, alias, tuple(problems), ())
    case = Case(settings, project, decision.model)
    problems += [*gaps(case), *_found(case, {"decision": admission.check_decision})]
    approval = ledger.newest(Approval, decision.model)
    until = admission.valid_until(case, approval) if approval else None
    gates = {item.gate: item for item in ledger.all(GateResult, decision.model)}
    return Status(
        decision, ledger.newest(Registration, decision.model), approval, until, gates, alias,
        tuple(problems), tuple(_warnings(case, until)),
    )  # fmt: skip


# control: GATE-01
def reconcile(decision: Decision | None, alias: str | None) -> tuple[str, ...]:
    """Return a sentence when the registry's alias is not the newest granted decision's model."""
    decided = decision.model if decision else None
    if alias == decided:
        return ()
    named, wanted = _short(alias), _short(decided)
    return (
        f"the registry's alias names {named}, the newest granted decision names {wanted}: "
        "somebody moved it, or a command was interrupted",
    )


# control: GATE-01
def gaps(case: Case) -> list[str]:
    """Return what a model lacks of its evidence, whether it is promoted or only about to be."""
    checks: Checks = {
        "run": admission.check_run,
        "registration": admission.check_registration,
        "signature": admission.check_signature,
        "provenance": admission.check_provenance,
        "approval": admission.check_approval,
    }
    checks |= {
        f"gate {gate}": partial(admission.check_gate, gate=gate, fresh=False)
        for gate in admission.required(case, after_approval=True)
    }
    return _found(case, checks)


def _found(case: Case, checks: Checks) -> list[str]:
    found = []
    for name, check in checks.items():
        try:
            check(case)
        except RedoubtError as error:
            found.append(f"{name}: {error.message}")
    return found


def _warnings(case: Case, until: datetime | None) -> list[str]:
    if until is None or not case.now < until <= case.now + SOON:
        return []
    days = (until - case.now).days
    return [f"the approval expires in {days} days: judge and approve the model again"]


def _short(digest: str | None) -> str:
    return digests.short(digest) if digest else "nothing"
