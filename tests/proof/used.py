"""Compute each fact that is kept on disk, in the project that this starts in; tell what it ran.

`python used.py FILE` writes {fact: modules of `redoubt` of which it called a function}. The facts stay
in the project, so that a proof that follows need not compute them again.
"""

from __future__ import annotations

import inspect
import json
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from redoubt.proof import facts

HERE = str(Path(facts.__file__).parents[1]) + "/"


class Tracer:
    """Notes the file of every function that is called; a class body or a module is none."""

    def __init__(self) -> None:
        self.files: set[str] = set()

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
            self.files.add(frame.f_code.co_filename)

    def modules(self) -> list[str]:
        return sorted(file.removeprefix(HERE) for file in self.files if file.startswith(HERE))


class Fixtures:
    """Hands out facts, and the few fixtures of ``controls/conftest.py`` that they build on."""

    def __init__(self, root: Path) -> None:
        self.root, self.store = root, facts.Store(root, facts.declared(root / "controls" / "facts"))
        self.folder = Path(tempfile.mkdtemp())
        self.used: dict[str, list[str]] = {}
        self._kept: dict[str, Any] = {"root": root, "copy_of": self.copy_of}
        self._open: list[Any] = []

    def copy_of(self, folder: Path) -> Path:
        target = tempfile.mkdtemp(dir=self.folder)
        return Path(shutil.copytree(folder, target, dirs_exist_ok=True, symlinks=True))

    def get(self, name: str) -> Any:
        if name not in self._kept:
            fact = self.store.facts[name]
            for need in fact.needs:
                self.get(need)
            self._kept[name] = self._traced(fact) if fact.on_disk else self._live(fact)
        return self._kept[name]

    def _traced(self, fact: facts.Fact) -> Path:
        tracer = Tracer()
        threading.setprofile(tracer)
        sys.setprofile(tracer)
        try:
            return self.store.folder(fact.name, self.get)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)  # type: ignore[arg-type]
            self.used[fact.name] = tracer.modules()

    def _live(self, fact: facts.Fact) -> Any:
        self._open.append(facts.value(fact, self.store, self.get))
        return next(self._open[-1])

    def close(self) -> None:
        while self._open:
            next(self._open.pop(), None)
        shutil.rmtree(self.folder)


if __name__ == "__main__":
    fixtures = Fixtures(Path.cwd())
    try:
        for fact in fixtures.store.facts.values():
            if fact.on_disk:
                fixtures.get(fact.name)
        Path(sys.argv[1]).write_text(json.dumps(fixtures.used))
    finally:
        fixtures.close()
