"""Facts: read from ``controls/facts/``, kept on disk under the digest of what they read.

A broken copy looks facts up where the pristine run put them (``REDOUBT_PROOF_FACTS``), and computes
what its break touched in its own ``var/proof/facts``; so it can never poison the shared ones.
"""

from __future__ import annotations

import ast
import fcntl
import importlib.util
import inspect
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redoubt import digests, files
from redoubt.errors import BadInput
from redoubt.proof import NotEvaluated

SHARED, DEEP = "REDOUBT_PROOF_FACTS", "REDOUBT_PROOF_DEEP"
OWN = "platform/src/redoubt"
# What the whole environment is made of, what every fact imports by being one, and what reads YAML.
ALWAYS = (
    "requirements/*.txt",
    f"{OWN}/__init__.py",
    f"{OWN}/errors.py",
    f"{OWN}/plain_yaml.py",
    f"{OWN}/proof/__init__.py",
)
IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".terraform"}
Get = Callable[[str], Any]


@dataclass(frozen=True)
class Fact:
    """One fact as its source text declares it; the file is imported only to compute."""

    name: str
    source: Path
    reads: tuple[str, ...]
    deep: bool
    needs: tuple[str, ...]
    on_disk: bool
    together: bool = False

    def function(self, called: str = "") -> Callable[..., Any]:
        """Import the file and return the function, or the other one of it that is so called."""
        name = f"redoubt_facts_{self.name}"
        if name not in sys.modules:
            spec = importlib.util.spec_from_file_location(name, self.source)
            if spec is None or spec.loader is None:
                raise BadInput(f"{self.source} cannot be imported.", remedy="name it <fact>.py")
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
        return getattr(sys.modules[name], called or self.name)  # type: ignore[no-any-return]


def declared(folder: Path) -> dict[str, Fact]:
    """Read ``controls/facts/*.py`` without importing them.

    Raises BadInput when a file does not declare exactly the fact that it is named after.
    """
    found: dict[str, Fact] = {}
    for path in sorted(folder.glob("*.py")):
        if path.stem.startswith("_"):
            continue
        facts = list(_in_file(path))
        if [fact.name for fact in facts] != [path.stem]:
            raise BadInput(
                f"{path.name} declares {[fact.name for fact in facts]}.",
                remedy=f"declare one @fact function called {path.stem} in it",
            )
        found[path.stem] = facts[0]
    return found


def _in_file(path: Path) -> Iterator[Fact]:
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("fact"):
                options = {str(key.arg): ast.literal_eval(key.value) for key in decorator.keywords}
                names = [argument.arg for argument in node.args.args]
                yield Fact(
                    node.name, path, tuple(options["reads"]), options.get("deep", False),
                    tuple(name for name in names if name != "work"), "work" in names,
                    options.get("together", False),
                )  # fmt: skip


def matched(root: Path, pattern: str) -> list[Path]:
    """Return the files that a glob reads; a trailing ``**`` means everything below."""
    glob = pattern + "/*" if pattern.endswith("**") else pattern
    return [
        path for path in root.glob(glob)
        if path.is_file() and not IGNORED & set(path.relative_to(root).parts)
    ]  # fmt: skip


@dataclass
class Store:
    """The facts of one project folder, by key, on disk."""

    root: Path
    facts: dict[str, Fact]
    _keys: dict[str, str] = field(default_factory=dict)

    @property
    def own(self) -> Path:
        """Return where this project keeps facts."""
        return self.root / "var" / "proof" / "facts"

    def key(self, name: str) -> str:
        """Return the digest of what a fact depends on; base fixtures have none."""
        if name not in self._keys:
            self._keys[name] = ""  # a fact that needs itself ends here
            if name in self.facts:
                self._keys[name] = self._compute_key(self.facts[name])
        return self._keys[name]

    def _compute_key(self, fact: Fact) -> str:
        paths = {p for glob in (*fact.reads, *ALWAYS) for p in matched(self.root, glob)}
        return digests.digest_of(
            {
                "source": digests.digest_file(fact.source),
                "reads": digests.tree(self.root, paths),
                "needs": {name: self.key(name) for name in fact.needs},
                "python": sys.version,
            }
        )

    def folder(self, name: str, get: Get) -> Path:
        """Return the folder of a fact on disk, computing it when no store has it unchanged."""
        fact = self.facts[name]
        entry = self.entry(name)
        for place in filter(None, os.environ.get(SHARED, "").split(os.pathsep)):
            if _intact(Path(place) / entry):
                return Path(place) / entry / "work"
        with _locked(self.own / f"{entry}.lock"):
            if not _intact(self.own / entry):
                self._compute(fact, self.own / entry, get)
        return self.own / entry / "work"

    def entry(self, name: str) -> str:
        """Return what the folder of a fact is called, here and where it is shared."""
        return f"{name}-{digests.short(self.key(name))}"

    def kept(self, name: str) -> Path | None:
        """Return the folder of a fact if it is here as this project's files ask, computing nothing."""
        entry = self.own / self.entry(name)
        return entry / "work" if _intact(entry) else None

    def _compute(self, fact: Fact, entry: Path, get: Get) -> None:
        if fact.deep and not os.environ.get(DEEP):
            raise NotEvaluated(
                f"{fact.name} is computed in deep runs only, and what it reads has changed.",
                remedy="run `redoubt verify --deep`",
            )
        shutil.rmtree(entry, ignore_errors=True)
        work = entry / "work"
        work.mkdir(parents=True)
        fact.function()(**{name: get(name) for name in fact.needs}, work=work)
        finish(entry)


def finish(entry: Path) -> None:
    """Say that a fact's folder is complete as it is now."""
    files.write_text(entry / "done.json", json.dumps(_stamp(entry / "work")))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _stamp(work: Path) -> dict[str, list[int]]:
    return {
        path.relative_to(work).as_posix(): [path.stat().st_size, path.stat().st_mtime_ns]
        for path in sorted(work.rglob("*"))
        if path.is_file()
    }


def _intact(entry: Path) -> bool:
    """Say whether a fact was finished and nobody has written into it since."""
    done = entry / "done.json"
    return done.is_file() and json.loads(done.read_text()) == _stamp(entry / "work")


def value(fact: Fact, store: Store, get: Get) -> Iterator[Any]:
    """Yield a fact's value; what a generator fact started is stopped afterwards."""
    if fact.on_disk:
        yield store.folder(fact.name, get)
        return
    result = fact.function()(**{name: get(name) for name in fact.needs})
    if inspect.isgenerator(result):
        yield from result
    else:
        yield result
