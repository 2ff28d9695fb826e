"""The fact ``registered``: the case of the model that this project has promoted, for reading only.

While rooms are proven both ways the reference model stands in for it.
"""

import os
from pathlib import Path

from redoubt import project as projects
from redoubt.admission import Case, promoted
from redoubt.ledger import Ledger
from redoubt.proof import NotEvaluated, children, fact
from redoubt.settings import Settings


@fact(reads=["platform/src/redoubt/admission.py"])
def registered(own: Settings, released: Path) -> Case:
    settings = Settings(root=released) if os.environ.get(children.REFERENCE) else own
    ledger = Ledger(settings)
    decision = promoted(ledger) if ledger.path.exists() else None
    if decision is None:
        raise NotEvaluated(
            "No model is promoted here.", remedy="release a model, or run `nox -s demo`"
        )
    return Case(settings, projects.load(settings.root), decision.model)
