"""The fact ``answers``: what was answered when the project was made, as Copier keeps it."""

from pathlib import Path
from typing import Any

import yaml

from redoubt.proof import fact


@fact(reads=[".copier-answers.yml"])
def answers(root: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((root / ".copier-answers.yml").read_text()))
