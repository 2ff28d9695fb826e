"""The fact ``access``: the access matrix as it is written, in ``infra/modules/identity/access.yml``."""

from pathlib import Path
from typing import Any

import yaml

from redoubt.proof import fact


@fact(reads=["infra/modules/identity/access.yml"])
def access(root: Path) -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load((root / "infra/modules/identity/access.yml").read_text())
    return table
