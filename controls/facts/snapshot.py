"""The fact ``snapshot``: the workbench with 6,000 synthetic rows ingested."""

import shutil
from pathlib import Path

from redoubt import model, project
from redoubt.data import ingest, synthesize
from redoubt.proof import fact
from redoubt.release import issuer
from redoubt.settings import Settings


@fact(
    reads=[
        "platform/src/redoubt/bundle.py",
        "platform/src/redoubt/columns.py",
        "platform/src/redoubt/data/**",
        "platform/src/redoubt/datasets.py",
        "platform/src/redoubt/governance/**",
        "platform/src/redoubt/ledger.py",
        "platform/src/redoubt/model.py",
        "platform/src/redoubt/policy/data.yml",
        "platform/src/redoubt/policy/sources.yml",
        "platform/src/redoubt/profiles/**",
        "platform/src/redoubt/progress.py",
        "platform/src/redoubt/project.py",
    ]
)
def snapshot(workbench: Path, work: Path) -> None:
    shutil.copytree(workbench, work, dirs_exist_ok=True)
    settings = Settings(root=work)
    facts, seam = project.load(work), model.load(work)
    file = synthesize.write(settings, facts, rows=6_000)
    steward = issuer.identity(settings, "mira")
    ingest.ingest(settings, facts, seam, file, source="synthetic", by=steward)
