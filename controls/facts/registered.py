"""The fact ``registered``: the case of the model that is judged, for reading only.

It is the one that `promote` is deciding on; else the promoted one, for which the reference model
stands in while rooms are proven both ways.
"""

import os

from redoubt import project as projects
from redoubt.admission import Case, promoted
from redoubt.ledger import Ledger
from redoubt.proof import NotEvaluated, children, fact
from redoubt.settings import Settings


@fact(reads=["platform/src/redoubt/admission.py"])
def registered(own: Settings) -> Case:
    if digest := os.environ.get(children.MODEL):
        return Case(own, projects.load(own.root), digest)
    ledger = Ledger(own)
    decision = promoted(ledger) if ledger.path.exists() else None
    if decision is None:
        raise NotEvaluated(
            "No model is promoted here.", remedy="release a model, or run `nox -s demo`"
        )
    return Case(own, projects.load(own.root), decision.model)
