"""Judge a model by its gates, failing closed: what is missing, raises, hangs or is nonsense denies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module

from redoubt import clock, digests, identity, limits, progress
from redoubt.errors import BadInput, Refused
from redoubt.gates import candidate as trial
from redoubt.gates.candidate import Candidate, Judgement, Service
from redoubt.identity import Identity
from redoubt.ledger import Ledger
from redoubt.limits import Limits
from redoubt.project import Project
from redoubt.records import GateResult, Limit, Metric, Outcome
from redoubt.settings import Settings

Gate = Callable[[Candidate, Mapping[str, Limit]], Judgement]
# name -> module. A module is imported when its gate runs: one that cannot be imported denies.
GATES = {
    "performance": "redoubt.gates.performance",
    "parity-onnx": "redoubt.gates.parity_onnx",
    "parity-service": "redoubt.gates.parity_service",
}
NEEDS_SERVICE = frozenset({"parity-service"})
Finding = tuple[Outcome, Mapping[str, Metric], tuple[str, ...]]


def judge(
    settings: Settings,
    project: Project,
    digest: str,
    by: Identity,
    *,
    names: Iterable[str] | None = None,
    service: Service | None = None,
    tell: progress.Tell = progress.silent,
) -> tuple[GateResult, ...]:
    """Run gates on a model and append one signed result each, whatever it says.

    ``names`` defaults to every gate that the tier requires and that needs no running service,
    unless one is given. Raises Refused when the caller may not judge or the bundle is not whole,
    BadInput on an unknown model or gate; a gate's own failure is a result and never raised.
    """
    identity.duties(settings.root).require(by, "judge")
    rules = limits.load(settings.root, "gates", project.tier, project.jurisdictions)
    ledger = Ledger(settings)
    case = _case(settings, project, digest, ledger, service)
    results = []
    for name in _chosen(names, rules, service):
        tell(f"judging by {name}")
        result = _judged(name, case, rules, by)
        ledger.append(result)
        results.append(result)
    return tuple(results)


def denied(results: Iterable[GateResult]) -> tuple[str, ...]:
    """Return the names of the gates that do not let the model pass."""
    return tuple(result.gate for result in results if result.outcome != "pass")


def _case(
    settings: Settings, project: Project, digest: str, ledger: Ledger, service: Service | None
) -> Candidate:
    bundle = trial.find(settings, digest)
    if bundle.manifest.tier != project.tier or bundle.run.tier != project.tier:
        raise Refused(
            f"Model {digests.short(digest)} was trained for tier {bundle.manifest.tier}; the "
            f"project is tier {project.tier}.",
            remedy="train it again; the tier decides what training must record",
        )
    return Candidate(settings, bundle, trial.champion(settings, ledger), service)


def _chosen(names: Iterable[str] | None, rules: Limits, service: Service | None) -> tuple[str, ...]:
    required = rules.lists["required"]
    if names is None:
        return tuple(n for n in required if service is not None or n not in NEEDS_SERVICE)
    chosen = tuple(names)
    unknown = sorted(set(chosen) - set(required) - set(GATES))
    if unknown or not chosen:
        raise BadInput(f"No gate {unknown[0] if unknown else 'was named'!r}.",
                       remedy=f"use one of {', '.join(sorted(GATES))}")  # fmt: skip
    return chosen


def _judged(name: str, case: Candidate, rules: Limits, by: Identity) -> GateResult:
    applied = _applicable(rules.of(name), case)
    outcome, measured, reasons = fold(
        lambda: run(name, case, applied, rules.number("evidence", "gate_seconds")), applied
    )
    return GateResult(
        gate=name, model=case.bundle.digest, dataset=case.bundle.run.dataset, tier=rules.tier,
        outcome=outcome, measured=dict(measured), limits=dict(applied), rules=rules.rules,
        reasons=reasons, by=by.actor(), at=clock.now(),
    )  # fmt: skip


# control: GATE-02
def _applicable(applied: Mapping[str, Limit], case: Candidate) -> dict[str, Limit]:
    """Return the limits that speak of this model: the first one has no champion to beat."""
    first = case.champion is None
    return {name: limit for name, limit in applied.items()
            if not (first and name.startswith("gain_over_champion"))}  # fmt: skip


# control: GATE-01
def fold(gate: Callable[[], Judgement], applied: Mapping[str, Limit]) -> Finding:
    """Return (outcome, measures, reasons): pass only if every limit was measured and is kept."""
    try:
        found = gate()
        measured = _sound(found, applied)
    except BaseException as error:  # a gate is other people's code: nothing it raises may pass
        if isinstance(error, KeyboardInterrupt):
            raise
        return "error", {}, (f"{type(error).__name__}: {_first_line(error)}",)
    broken = tuple(
        _sentence(name, limit, measured[name])
        for name, limit in sorted(applied.items())
        if not limits.holds(limit, measured[name])
    )
    reasons = (*map(str, found.refusals), *broken)
    return ("fail" if reasons else "pass"), measured, reasons


# control: GATE-01
def _sound(found: Judgement, applied: Mapping[str, Limit]) -> dict[str, Metric]:
    """Return the measures, refusing a judgement that is none, lacks a limit's measure or is no number."""
    if not isinstance(found, Judgement):
        raise TypeError(f"the gate returned a {type(found).__name__}, not a judgement")
    if not applied:
        raise ValueError("the gate has no limit, so it cannot pass")
    # Validated again: a measure may have been built without validation.
    measured = {
        name: Metric.model_validate(dict(metric)) for name, metric in found.measured.items()
    }
    missing = sorted(set(applied) - set(measured))
    if missing:
        raise ValueError(f"the gate did not measure {', '.join(missing)}")
    for name, metric in measured.items():
        if metric.low > metric.high or metric.n < 1:
            raise ValueError(f"{name} is no measure: {metric.low}..{metric.high}, n={metric.n}")
    return measured


# control: GATE-01
def run(name: str, case: Candidate, applied: Mapping[str, Limit], seconds: float) -> Judgement:
    """Run one gate in a thread of its own, waiting no longer than ``seconds``.

    Raises whatever the gate raised, LookupError when it does not exist, TimeoutError when it hangs.
    """
    if name not in GATES:
        raise LookupError(f"gate {name} is required and this platform has none of that name")
    answer: list[Judgement] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            gate: Gate = import_module(GATES[name]).judge
            answer.append(gate(case, applied))
        except BaseException as error:  # handed to the caller below, with its own type
            raised.append(error)

    thread = threading.Thread(target=work, name=f"gate-{name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"gate {name} did not answer in {seconds:g} s")
    if raised:
        raise raised[0]
    return answer[0]


def _sentence(name: str, limit: Limit, metric: Metric) -> str:
    if limit.direction == "min":
        return f"{name}: lower bound {metric.low:.4g} is below {limit.value:g}"
    return f"{name}: upper bound {metric.high:.4g} is above {limit.value:g}"


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or ["no message"])[0][:300]
