"""The fact ``plan_others``: a folder with the plans of development and validation, one on each core."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from redoubt.proof import fact


@fact(reads=["infra/**"])
def plan_others(planner: Callable[[str, Path], None], work: Path) -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(planner, name, work) for name in ("development", "validation")]
    for job in jobs:
        job.result()
