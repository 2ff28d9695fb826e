"""The fact ``plan_production``: a folder with the plan of production, as Terraform's JSON."""

from pathlib import Path
from typing import Any

from redoubt.proof import fact


@fact(reads=["infra/**"], together=True)
def plan_production(planner: Any, work: Path) -> None:
    planner("production", work)


def together(planner: Any, copies: dict[Path, Path]) -> Any:
    """Plan broken copies by one run of Terraform where only modules are broken."""
    return planner.together(("production",), copies)
