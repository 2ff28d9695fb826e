"""The fact ``released``: the candidate registered, judged, approved by another person and promoted.

It reads little on purpose: rooms copy it and act on the copy with the code that they judge. Of the
service and the gates it reads what none of them breaks.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from redoubt import choice, project
from redoubt.admission import Case
from redoubt.gates import commands, engine
from redoubt.proof import fact
from redoubt.records import ControlResult, GateResult
from redoubt.release import approve, issuer, promote, register
from redoubt.settings import Settings


@fact(
    reads=[
        "platform/src/redoubt/choice.py",
        "platform/src/redoubt/gates/commands.py",
        "platform/src/redoubt/ledger.py",
        "platform/src/redoubt/policy/gates.yml",
        "platform/src/redoubt/policy/release.yml",
        "platform/src/redoubt/policy/serving.yml",
        "platform/src/redoubt/processes.py",
        "platform/src/redoubt/release/remembered.py",
        "platform/src/redoubt/serving/__main__.py",
        "platform/src/redoubt/serving/budget.py",
        "platform/src/redoubt/serving/handle.py",
        "platform/src/redoubt/serving/metrics.py",
        "platform/src/redoubt/serving/policy.py",
        "platform/src/redoubt/serving/problems.py",
        "platform/src/redoubt/serving/reasons.py",
    ]
)
def released(trained: Path, work: Path) -> None:
    shutil.copytree(trained, work, dirs_exist_ok=True)
    settings, facts = Settings(root=work), project.load(work)
    mira, ada = issuer.identity(settings, "mira"), issuer.identity(settings, "ada")
    digest = choice.choose(settings, None, "candidates")
    register.register(settings, facts, digest, mira)
    _passes(engine.judge(settings, facts, digest, ada))
    approve.approve(settings, facts, digest, ada, "reviewed the gates' results")
    with commands.started(settings, digest) as service:
        gates = tuple(engine.NEEDS_SERVICE)
        _passes(engine.judge(settings, facts, digest, ada, names=gates, service=service))
    decision = promote.promote(settings, facts, digest, mira, _said)
    if decision.outcome != "granted":
        raise RuntimeError(f"not promoted: {'; '.join(decision.reasons)}")


def _said(case: Case) -> ControlResult:
    """Answer for the rooms: they cannot be run on what they themselves need."""
    return ControlResult(model=case.digest, tier=case.project.tier, catalogue=None,
                         results={"GATE-01.8": "pass"}, waivers={}, denials=())  # fmt: skip


def _passes(results: Iterable[GateResult]) -> None:
    for result in results:
        if result.outcome != "pass":
            raise RuntimeError(f"{result.gate}: {'; '.join(result.reasons)}")
