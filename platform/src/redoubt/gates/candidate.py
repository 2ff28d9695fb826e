"""What a gate judges: one bundle, the data it was trained on, and who it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from redoubt import admission, bundle, datasets, model
from redoubt.bundle import Bundle
from redoubt.errors import BadInput, Refused
from redoubt.inference import Scorer
from redoubt.ledger import Ledger
from redoubt.model import Matrix, Model
from redoubt.records import GateResult, Metric, Splits
from redoubt.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Service:
    """A running service to judge: its address, a caller's token and the CA that its TLS shows."""

    url: str
    token: str = field(repr=False)
    ca: Path


@dataclass(frozen=True)
class Champion:
    """The promoted model: its bundle, and what the performance gate measured on it then."""

    bundle: Bundle
    recorded: Mapping[str, Metric]


@dataclass(frozen=True)
class Judgement:
    """What a gate found: measures with bounds, and refusals that no number expresses.

    A gate never says "pass": the engine compares every limit with what was measured.
    """

    measured: Mapping[str, Metric]
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A model on trial. Data and code load when a gate first asks, so a failure is that gate's."""

    settings: Settings
    bundle: Bundle
    champion: Champion | None = None
    service: Service | None = None

    @cached_property
    def model(self) -> Model:
        """Return the project's seam: the feature code that serving would run."""
        return model.load(self.settings.root)

    @cached_property
    def scorer(self) -> Scorer:
        """Return the bundle's own ONNX graph, ready to score."""
        return Scorer(self.bundle.model)

    # control: GATE-09
    def changed_code(self) -> tuple[str, ...]:
        """Return the files of the team's package that differ from what the bundle was trained with."""
        now, then = model.serving_code(self.model), self.bundle.manifest.serving_code
        return tuple(sorted(name for name in now.keys() | then.keys()
                            if now.get(name) != then.get(name)))  # fmt: skip

    def fold(self, name: str) -> tuple[Matrix, Values]:
        """Return features (n, F) and outcomes (n,) of one locked split of the training snapshot.

        Raises Refused when data, splits or feature code are not those of the training run.
        """
        if changed := self.changed_code():
            raise Refused(f"{changed[0]} is not the file that the model was trained with.",
                          remedy="check out the commit of the run, or train again")  # fmt: skip
        return datasets.features(self.model, self._table.iloc[self._rows[name]])

    @cached_property
    def _table(self) -> pd.DataFrame:
        return datasets.frame(
            datasets.verified(self.settings, self.bundle.run.dataset)[datasets.DATA]
        )

    # control: GATE-02
    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        """Return the run's locked splits, refusing others, later ones and overlapping ones."""
        run = self.bundle.run
        locked = [s for s in Ledger(self.settings).all(Splits) if s.digest == run.splits]
        if not locked or locked[0].dataset != run.dataset or locked[0].locked > run.at:
            raise Refused("The run's splits were not locked on the ledger before it.",
                          remedy="train again with `redoubt train`")  # fmt: skip
        rows = datasets.read_assignment(self.settings, locked[0].assignment)
        used = [row for numbers in rows.values() for row in numbers]
        if len(set(used)) != len(used):
            raise Refused("A row is in two splits.", remedy="train again with `redoubt train`")
        return rows


def exact(value: float, n: int) -> Metric:
    """Return a measure without sampling error: a count or a largest gap over n rows."""
    return Metric(value=value, low=value, high=value, n=n)


def find(settings: Settings, digest: str) -> Bundle:
    """Return the registered bundle of that digest, or else the candidate; checked byte for byte."""
    name = bundle.name(digest)
    for folder in (settings.state / "bundles" / name, settings.state / "candidates" / name):
        if folder.is_dir():
            return bundle.load(folder, digest)
    raise BadInput(f"There is no model {digest}.", remedy="run `redoubt train`, or give its digest")


def champion(settings: Settings, ledger: Ledger) -> Champion | None:
    """Return the promoted model, or None before the first promotion."""
    decision = admission.promoted(ledger)
    if decision is None:
        return None
    results = [
        result
        for result in ledger.all(GateResult, decision.model)
        if result.gate == "performance" and result.outcome == "pass"
    ]
    recorded = results[-1].measured if results else {}
    return Champion(
        bundle.load(admission.folder(settings, decision.model), decision.model), recorded
    )
