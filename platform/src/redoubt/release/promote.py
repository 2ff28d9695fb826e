"""Promote a model or go back to the one before: fail-closed, and each decision is a signed record."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from redoubt import admission, digests, identity
from redoubt.admission import Case
from redoubt.errors import BadInput, RedoubtError, Refused, Unavailable
from redoubt.identity import Identity, same_person
from redoubt.ledger import Ledger
from redoubt.project import Project
from redoubt.records import ControlResult, Decision
from redoubt.release.registry import Registry
from redoubt.settings import Settings

Check = Callable[[Case], str]
Rooms = Callable[[Case], ControlResult]
Findings = tuple[dict[str, str], tuple[str, ...]]
# explain(reason, remedy): told beside the record, so that a better remedy never changes one
Explain = Callable[[str, str], None]
REPAIR = "look at what `redoubt doctor` says is missing here, then run the same command again"


def untold(reason: str, remedy: str) -> None:
    """Say nothing: the default of everything that can explain a denial."""


# control: IAM-02
def promote(
    settings: Settings, project: Project, digest: str, by: Identity, rooms: Rooms, *,
    explain: Explain = untold,
) -> Decision:  # fmt: skip
    """Decide whether a model may serve; record the decision and let the alias follow it.

    ``rooms`` asks the catalogue about this model, and its answer is weighed like any evidence.
    Denied is an answer too: look at ``outcome``. A model that is promoted already on the same
    evidence is not decided again: its decision is returned, and the alias mended. Raises Refused
    when the person may not promote, the ledger does not hold or the clock lies before its newest
    record, Unavailable when the registry does not answer: nothing is recorded then.
    """
    settings.require_safe()
    identity.duties(settings.root).require(by, "promote")
    case = Case(settings, project, digest)
    Registry(settings, project).champion()  # before anything is asked or recorded
    held = standing(case, by)
    if held is not None:
        _follow(settings, project, held)
        return held
    return _decide(case, by, "promote", evaluate(case, by, rooms, explain=explain))


# control: GATE-01
def standing(case: Case, by: Identity) -> Decision | None:
    """Return the decision that promoted this model, if nothing that it weighed is otherwise now.

    Everything is looked at again but the rooms, whose answer of then counts. Who deploys may be
    somebody else today, if that person did not approve.
    """
    current = admission.promoted(case.ledger)
    if current is None or current.model != case.digest:
        return None
    inputs, reasons = evaluate(case, by, said_before)
    return current if not reasons and _same_evidence(inputs, current.inputs) else None


def _same_evidence(now: dict[str, str], then: dict[str, str]) -> bool:
    return now | {"deployer": ""} == then | {"deployer": ""}


# control: GATE-01
def rollback(
    settings: Settings, project: Project, by: Identity, reason: str, *, explain: Explain = untold
) -> Decision:
    """Go back to the model that served before the present one, if it may still be loaded.

    It was promoted on fresh evidence, so age and rules of that evidence are not asked again; its
    signature, provenance, approval and results are. The rooms are not run again either: what they
    said when it was promoted is weighed, so that neither a red room nor an edited lock of today
    keeps a harmful model in service. Nor does a registry that is down: the decision counts, and
    Unavailable says afterwards that the alias is behind. Raises Refused when there is nothing before.
    """
    settings.require_safe()
    identity.duties(settings.root).require(by, "rollback")
    if not reason.strip():
        raise BadInput("A rollback without a reason.", remedy="say why with --reason")
    served = history(Ledger(settings))
    if len(served) < 2:
        raise Refused("No model was promoted before the present one.",
                      remedy="promote another model, or stop the service")  # fmt: skip
    case = Case(settings, project, served[-2])
    found = evaluate(case, by, said_before, fresh=False, explain=explain)
    return _decide(case, by, "rollback", found, reason.strip())


def history(ledger: Ledger) -> list[str]:
    """Return the digests that served, oldest first, without those that were rolled back."""
    served: list[str] = []
    for item in ledger.all(Decision):
        if item.outcome != "granted":
            continue
        if item.action == "rollback" and served[-2:-1] == [item.model]:
            served.pop()
        elif served[-1:] != [item.model]:
            served.append(item.model)
    return served


# control: GATE-01
def evaluate(
    case: Case, by: Identity, rooms: Rooms, *, fresh: bool = True, explain: Explain = untold
) -> Findings:
    """Return what was weighed (name -> digest) and why the model may not serve.

    A check that raises anything denies; a required gate without an answer denies. The rooms take
    seconds, so they are asked first: the rest is then as it is at the decision. Raises Refused
    when the ledger or the clock does not hold, because then no decision can be recorded.
    """
    _ = case.now
    inputs, reasons = _asked(case, rooms, explain)
    for name, check in _checks(case, by, fresh):
        try:
            inputs[name] = check(case)
        except Exception as error:  # a check that crashes has not said yes
            reasons.append(_why(name, error, explain))
    return inputs, tuple(reasons)


# control: GATE-01
def _asked(case: Case, rooms: Rooms, explain: Explain) -> tuple[dict[str, str], list[str]]:
    """Return the rooms' answer by its digest, kept on the ledger, and each denial of theirs."""
    try:
        said = rooms(case)
        if said.model != case.digest or said.tier != case.project.tier or not said.results:
            raise Refused("The rooms said nothing of this model.", remedy="promote it again")
        if said not in case.ledger.all(ControlResult, case.digest):
            case.ledger.append(said)
        answer = {"controls": said.digest}
    except Exception as error:  # a room that crashes has not said yes
        return {}, [_why("controls", error, explain)]
    return answer, [f"control:{text}" for text in said.denials]


def _why(name: str, error: Exception, explain: Explain) -> str:
    """Return the reason as it is recorded, without the remedy, which is told beside it."""
    words, remedy = f"error {type(error).__name__}", REPAIR
    if isinstance(error, RedoubtError):
        words, remedy = error.message, error.remedy
    explain(f"{name}: {words}", remedy)
    return f"{name}: {words}"


# control: GATE-01
def said_before(case: Case) -> ControlResult:
    """Return what the rooms said when this model was promoted.

    Raises Refused when it was promoted without asking them.
    """
    granted = [item for item in case.ledger.all(Decision, case.digest) if item.outcome == "granted"]
    weighed = granted[-1].inputs.get("controls") if granted else None
    for said in case.ledger.all(ControlResult, case.digest):
        if said.digest == weighed:
            return said
    raise Refused("The rooms were not asked when it was promoted.", remedy="promote it instead")


# control: GATE-01
def _checks(case: Case, by: Identity, fresh: bool) -> list[tuple[str, Check]]:
    checks: list[tuple[str, Check]] = [
        ("run", admission.check_run),
        ("code", check_code),
        ("registration", admission.check_registration),
        ("signature", admission.check_signature),
        ("provenance", admission.check_provenance),
        ("approval", admission.check_approval),
        ("deployer", partial(check_deployer, by=by)),
    ]
    gates = admission.required(case, after_approval=True)
    return checks + [
        (f"gate:{gate}", partial(admission.check_gate, gate=gate, fresh=fresh)) for gate in gates
    ]


def check_code(case: Case) -> str:
    """Refuse a model from uncommitted code anywhere but in development."""
    code = case.bundle.run.code
    if not case.settings.development and not (code.commit and code.clean):
        raise Refused("It was trained from code that is no clean commit.",
                      remedy="commit, train, judge and approve again")  # fmt: skip
    return code.digest


# control: IAM-02
def check_deployer(case: Case, by: Identity) -> str:
    """Refuse a deployer who approved the model."""
    approver = admission.approval(case).by
    if same_person(approver.subject, by.subject):
        raise Refused(f"{by.subject} approved this model and cannot promote it.",
                      remedy="another person promotes it")  # fmt: skip
    return by.actor().digest


# control: GATE-01
def _decide(case: Case, by: Identity, action: str, findings: Findings, why: str = "") -> Decision:
    inputs, reasons = findings
    current = admission.promoted(case.ledger)
    decision = Decision.model_validate({
        "action": action,
        "outcome": "denied" if reasons else "granted",
        "model": case.digest,
        "replaces": current.model if current else None,
        "tier": case.project.tier,
        "rules": digests.digest_of([case.rules.rules, case.release.rules]),
        "inputs": inputs,
        "reasons": (*reasons, why) if why else reasons,
        "by": by.actor(),
        "at": case.now,
    })  # fmt: skip
    case.ledger.append(decision)
    if decision.outcome == "granted":
        _follow(case.settings, case.project, decision)
    return decision


def _follow(settings: Settings, project: Project, decision: Decision) -> None:
    """Let the alias follow; a registry that does not answer takes no decision back."""
    try:
        follow(settings, project)
    except Unavailable as error:
        raise Unavailable(
            f"{error.message} The decision {digests.short(decision.digest)} "
            f"({decision.action} {digests.short(decision.model)}) is recorded and counts; "
            "only the alias is behind.",
            remedy="let it answer again, then run `redoubt status --repair`",
        ) from error


# control: GATE-01
def follow(settings: Settings, project: Project) -> None:
    """Let the registry's alias name what the newest granted decision names."""
    current = admission.promoted(Ledger(settings))
    registry = Registry(settings, project)
    named = registry.champion()
    if current is None:
        if named is not None:
            registry.clear_champion()
        return
    if named != current.model:
        run = Case(settings, project, current.model).bundle.run
        registry.set_champion(current.model, run.run_id)
        registry.champion()  # while MLflow is open: `status` need not ask it then
