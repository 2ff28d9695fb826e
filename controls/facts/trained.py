"""The fact ``trained``: the snapshot with one candidate bundle and its recorded run."""

import shutil
from pathlib import Path

from redoubt import model, project
from redoubt.proof import fact
from redoubt.release import issuer
from redoubt.settings import Settings
from redoubt.training import train

SEED = 11  # not the default, so that a run that ignores its seed shows


@fact(reads=["platform/src/redoubt/inference.py", "platform/src/redoubt/training/**"])
def trained(snapshot: Path, work: Path) -> None:
    shutil.copytree(snapshot, work, dirs_exist_ok=True)
    settings = Settings(root=work)
    developer = issuer.identity(settings, "mira")
    train.train(settings, project.load(work), model.load(work), by=developer, seed=SEED)
