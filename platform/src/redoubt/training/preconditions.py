"""What must hold before anything is fitted: who, on which data, with which code and environment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from redoubt import clock, datasets, identity
from redoubt.errors import Refused
from redoubt.identity import Identity
from redoubt.ledger import Ledger
from redoubt.records import CodeState, Environment, Lineage
from redoubt.settings import Settings
from redoubt.training import code_state, environment


@dataclass(frozen=True)
class Ready:
    """What a run starts from, all of it checked."""

    by: Identity
    at: datetime
    ledger: Ledger
    lineage: Lineage
    table: pd.DataFrame
    code: CodeState
    environment: Environment


# control: DAT-01
# control: DAT-02
# control: TRN-01
def check(settings: Settings, by: Identity, dataset: str | None) -> Ready:
    """Return what the run starts from.

    Raises Refused when the caller may not train, the snapshot was changed, or, outside
    development, the code is not a clean commit; Unavailable when nothing was ingested.
    """
    identity.duties(settings.root).require(by, "train")
    ledger = Ledger(settings)
    at = clock.after(ledger.latest_time())
    lineage = datasets.lineage(ledger, dataset)
    table = datasets.frame(datasets.verified(settings, lineage.dataset)[datasets.DATA])
    code = code_state.read(settings.root)
    if not settings.development and not (code.commit and code.clean):
        raise Refused(
            f"The code is not a clean commit, and this is {settings.environment}.",
            remedy="commit every change, then train from that commit",
        )
    return Ready(by, at, ledger, lineage, table, code, environment.read(settings.root))
