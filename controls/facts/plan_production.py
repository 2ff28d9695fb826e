"""The fact ``plan_production``: a folder with the plan of production, as Terraform's JSON."""

from collections.abc import Callable
from pathlib import Path

from redoubt.proof import fact


@fact(reads=["infra/**"])
def plan_production(planner: Callable[[str, Path], None], work: Path) -> None:
    planner("production", work)
