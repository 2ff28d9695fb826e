"""The fact ``planned_all``: what each of the three environments would be made of."""

from pathlib import Path

from redoubt.infra.reading import Plan
from redoubt.proof import fact


@fact(reads=["platform/src/redoubt/infra/reading.py"])
def planned_all(planned: Plan, plan_others: Path) -> tuple[Plan, ...]:
    return *(
        Plan.read(plan_others / f"{name}.json") for name in ("development", "validation")
    ), planned
