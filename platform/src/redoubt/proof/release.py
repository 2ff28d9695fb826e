"""Before a tag, in the template's folder: lock the platform's files and record what is proven.

Run as ``python -m redoubt.proof.release``; the two files it writes belong into the release's commit.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

from redoubt.errors import Unavailable
from redoubt.proof import lock, sessions
from redoubt.settings import Settings


def main(repository: Path) -> int:
    """Write ``controls/lock.json`` and ``controls/proof.json``; return 1 when a room is not proven."""
    try:
        import copier
    except ImportError as error:
        raise Unavailable("Copier is not installed here.", remedy="pip install copier") from error
    lock.write(repository)
    with tempfile.TemporaryDirectory(prefix="redoubt-release-") as work:
        project = Path(work).resolve() / "project"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the template is not committed yet is the point
            copier.run_copy(str(repository), project, defaults=True, quiet=True, vcs_ref="HEAD")
        found, code, _ = sessions.proven(
            Settings(root=project), (), _say,
            template=repository, record=repository / lock.PROOF,
        )  # fmt: skip
        for proof in found:
            for text in proof.failures():
                sys.stdout.write(f"FAIL {proof.room.id}: {text}\n")
    return code


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
