"""The fact ``tiers``: in which tiers a project asks for its limits, when another tier is written there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from redoubt import admission, limits, model
from redoubt.data import ingest
from redoubt.proof import fact
from redoubt.serving import app

if TYPE_CHECKING:
    from facts.desk import Desk, Desks


class Tiers:
    """``written`` stands in project.yml, ``computed`` follows from its facts."""

    def __init__(self, office: Desk) -> None:
        self.written, self.computed = office.project.rendered_tier, office.project.tier
        self._office = office

    def asked(self) -> set[tuple[str, int]]:
        """Return policy and tier of every limit asked for from ingestion to service."""
        real, seen = limits.load, set[tuple[str, int]]()

        def load(root: Path, policy: str, tier: Any, *places: Any) -> limits.Limits:
            seen.add((policy, tier))
            return real(root, policy, tier, *places)

        with mock.patch.object(limits, "load", load):
            self._run()
        return seen

    def _run(self) -> None:
        office = self._office
        here, mira = (office.settings, office.project), office.person("mira")
        (file,) = (office.settings.state / "data" / "incoming").glob("*.csv")
        seam = model.load(office.root)
        ingest.ingest(*here, seam, file, source="synthetic", by=mira)
        office.step("judge", "ada", ["validator"])
        office.promote()
        admitted = admission.admit(*here, office.digest, candidate=False)
        app.assemble(*here, admitted, seam).log.close()


@fact(reads=["platform/src/redoubt/**"])
def tiers(desk: Desks) -> Tiers:
    return Tiers(desk())
