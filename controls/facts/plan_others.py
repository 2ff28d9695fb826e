"""The fact ``plan_others``: a folder with the plans of development and validation, one on each core."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from redoubt.proof import fact

OTHERS = ("development", "validation")


@fact(reads=["infra/**"], together=True)
def plan_others(planner: Any, work: Path) -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(planner, name, work) for name in OTHERS]
    for job in jobs:
        job.result()


def together(planner: Any, copies: dict[Path, Path]) -> Any:
    """Plan broken copies by one run of Terraform for each environment."""
    return planner.together(OTHERS, copies)
