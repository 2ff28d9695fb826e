"""The fact ``planned``: what production would be made of; ``planned_all`` has every environment."""

from pathlib import Path

from redoubt.infra.reading import Plan
from redoubt.proof import fact


@fact(reads=["platform/src/redoubt/infra/reading.py"])
def planned(plan_production: Path) -> Plan:
    return Plan.read(plan_production / "production.json")
