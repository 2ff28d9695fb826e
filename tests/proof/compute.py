"""Compute one fact on disk in the project that this starts in: ``python compute.py FACT LOG``.

Each file that it, or a process that it starts, opens for that is noted in the log. The facts on disk
that it needs lie in the project already; else what they open would be noted as well.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import sitecustomize

from redoubt.proof import facts


class Fixtures:
    """Hands out facts, and the few fixtures of ``controls/conftest.py`` that they build on."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.store = facts.Store(root, facts.declared(root / "controls" / "facts"))
        self._scratch = scratch
        self._kept: dict[str, Any] = {"root": root, "copy_of": self.copy_of}
        self._open: list[Any] = []

    def copy_of(self, folder: Path) -> Path:
        """Make a private copy of a fact's folder."""
        target = tempfile.mkdtemp(dir=self._scratch)
        return Path(shutil.copytree(folder, target, dirs_exist_ok=True, symlinks=True))

    def get(self, name: str) -> Any:
        """Return the value of a fact, computed at most once."""
        if name not in self._kept:
            self._open.append(facts.value(self.store.facts[name], self.store, self.get))
            self._kept[name] = next(self._open[-1])
        return self._kept[name]

    def close(self) -> None:
        """Stop what facts have started."""
        while self._open:
            next(self._open.pop(), None)


def forget() -> None:
    """Let every module of the platform be imported anew, so that the fact is seen to open it."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "redoubt"]:
        del sys.modules[name]


if __name__ == "__main__":
    wanted, log = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        fixtures = Fixtures(Path.cwd(), Path(scratch))
        fixtures.store.key(wanted)  # it opens all that is read, before anybody looks
        forget()
        os.environ["OPENED_LOG"] = log
        sitecustomize.watch(log)
        try:
            fixtures.get(wanted)
        finally:
            fixtures.close()
