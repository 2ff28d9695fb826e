"""The fact ``production``: ``production(root)`` gives settings of production over a folder's records.

``production(root, "validation")`` gives those of that environment. Its anchors hold the same keys,
said to be those of a key service, so that what differs from development is only whose issuer named
the people of the records.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from redoubt.proof import fact
from redoubt.settings import Settings

ISSUER = "https://login.bank.test"


@fact(reads=["platform/src/redoubt/settings.py"])
def production() -> Callable[..., Settings]:
    def over(root: Path, where: Literal["validation", "production"] = "production") -> Settings:
        settings = Settings(root=root, environment=where, issuer=ISSUER)
        mounted = json.loads(settings.anchors.read_bytes()) | {"development": False}
        settings.anchors.write_text(json.dumps(mounted))
        return settings

    return over
