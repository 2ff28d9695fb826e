"""Where it ran: interpreter, platform, and digests of the installed packages and of the lock files."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

from redoubt import digests
from redoubt.records import Environment

IMAGE = "REDOUBT_IMAGE_DIGEST"


# control: TRN-01
def read(root: Path) -> Environment:
    """Return the environment. ``image`` is what the container's builder set, or None outside one."""
    return Environment(
        python=platform.python_version(),
        platform=f"{platform.system()}-{platform.machine()}".lower(),
        packages=digests.digest_of(installed()),
        lock=digests.digest_files(digests.tree(root, root.glob("requirements/*.txt"))),
        image=os.environ.get(IMAGE) or None,
    )


def installed() -> dict[str, str]:
    """Return name -> version of every installed distribution."""
    found = {dist.name.lower().replace("_", "-"): dist.version for dist in metadata.distributions()}
    return dict(sorted(found.items()))
