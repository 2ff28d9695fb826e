"""A tiny project with a catalogue of its own, to try the proof machinery on."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
import yaml

from redoubt.infra import terraform
from redoubt.proof import facts, register, rooms, verify, workers
from redoubt.proof import prove as proving
from redoubt.proof.results import Report
from redoubt.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = {
    "name": "Tiny", "package": "tiny", "description": "A tiny project", "repository": "bank/tiny",
    "use_case": "credit_default",
    "facts": {"customer_impact": "individuals", "financial_exposure": "moderate",
              "autonomy": "automatic", "complexity": "moderate"},
    "override": None, "rendered_tier": 1, "jurisdictions": ["eu"],
    "teams": {"model": "m", "platform": "p", "security": "s", "validators": "v", "approvers": "a"},
    "python": "3.13",
}  # fmt: skip
LIMIT = '''\
"""The implementation that the tiny control is about."""

FLOOR = 10


# control: GATE-01
def allowed(value: int) -> bool:
    """Say whether a value reaches the floor."""
    return value >= FLOOR
'''
VERIFY = """\
from redoubt.proof import proves

from tiny.limit import allowed


@proves("GATE-01.1")
def test_a_low_value_is_denied():
    assert allowed(10)
    assert not allowed(9)
"""
QUIET = {
    "name": "the floor is forgotten", "quiet": True, "kind": "replace", "path": "src/tiny/limit.py",
    "find": "return value >= FLOOR", "with": "return value >= 0",
}  # fmt: skip
WARM = (
    "numpy",
    "onnxruntime",
    "model_signing",
    "securesystemslib.signer",
    "pydantic_settings",
    "jwt",
)


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Import little before forking: tiny rooms need none of the training libraries."""
    monkeypatch.setattr(workers, "HEAVY", WARM)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, render: Callable[..., Path]) -> Path:
    """Return the project in which the catalogue is proven."""
    return render(tmp_path_factory.mktemp("proven") / "project")


@pytest.fixture(scope="session")
def opens(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], dict[str, set[Path]]]:
    """Return ``opens(root)``: fact on disk -> files of the project that computing it opens.

    Each is computed, in a process of its own, and stays in the project, as after a proof.
    """

    def compute(root: Path) -> dict[str, set[Path]]:
        logs = tmp_path_factory.mktemp("opened")
        store = facts.Store(root, facts.declared(root / "controls" / "facts"))
        found: dict[str, Future[set[Path]]] = {}

        def seen(name: str, before: set[str]) -> set[Path]:
            wait([found[one] for one in before])
            return _opened(root, name, logs / name)

        with ThreadPoolExecutor(workers.at_once()) as pool:
            # Each after what it needs, so that whoever waits here waits for one that has started.
            for name in _in_order(store):
                found[name] = pool.submit(seen, name, _below(store, name) & found.keys())
        return {name: future.result() for name, future in found.items()}

    return compute


def _below(store: facts.Store, name: str) -> set[str]:
    """Return the facts that one needs, directly or not."""
    needs = {one for one in store.facts[name].needs if one in store.facts}
    return needs.union(*(_below(store, one) for one in needs))


def _in_order(store: facts.Store) -> list[str]:
    """Return the facts on disk, each after those that it needs."""
    return sorted(
        (name for name, fact in store.facts.items() if fact.on_disk),
        key=lambda name: len(_below(store, name)),
    )


def _opened(root: Path, name: str, log: Path) -> set[Path]:
    here = Path(__file__).parent
    own = {key: value for key, value in os.environ.items()
           if not key.startswith("REDOUBT_") or key == terraform.MIRROR}  # fmt: skip
    paths = (here / "watched", root / "platform" / "src", root / "src")
    done = subprocess.run(
        [sys.executable, str(here / "compute.py"), name, str(log)], cwd=root, text=True,
        env=own | {"PYTHONPATH": os.pathsep.join(map(str, paths)), facts.DEEP: "1"},
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    opened = {_source(Path(line)) for line in log.read_text().splitlines()}
    inside = {path for path in opened if path.is_relative_to(root) and path.is_file()}
    return {path for path in inside if path.relative_to(root).parts[0] != "var" and _says(path)}


def _source(path: Path) -> Path:
    """Return the source of byte code; every other file as it is."""
    if path.parent.name != "__pycache__":
        return path
    return path.parent.parent / f"{path.name.partition('.')[0]}.py"


def _says(path: Path) -> bool:
    """Say whether a file holds more than a docstring: an edit of that changes no fact."""
    if path.suffix != ".py":
        return True
    return any(not isinstance(node, ast.Expr) for node in ast.parse(path.read_text()).body)


@pytest.fixture(scope="session")
def opened(project: Path, opens: Callable[[Path], dict[str, set[Path]]]) -> dict[str, set[Path]]:
    """Return what the facts of the project in which the catalogue is proven open."""
    return opens(project)


def control(**changes: Any) -> dict[str, Any]:
    """Return the content of a healthy ``control.yml``, some of it changed."""
    return {
        "id": "GATE-01", "title": "A floor", "state": "active", "objective": "Low values are denied.",
        "tiers": {1: "blocking", 2: "report", 3: "off"}, "threats": ["STRIDE-T"],
        "references": {"nist-800-53": ["CM-3"]}, "limits": "It is tiny.", "remedy": "Restore it.",
        "seconds": 30,
        "requirements": [
            {"id": "GATE-01.1", "claim": "A low value is denied.", "subject": "machinery",
             "breaks": [QUIET]},
        ],
    } | changes  # fmt: skip


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Return a project folder with one healthy room, its own platform package and a passing test."""
    root = tmp_path / "tiny project"
    stages = ("data", "training", "gates", "release", "serving", "workshop", "profiles")
    skip = shutil.ignore_patterns("__pycache__", "cli.py", *stages)
    shutil.copytree(REPOSITORY / "platform" / "src", root / "platform" / "src", ignore=skip)
    (root / "controls" / "facts").mkdir(parents=True)
    for name in ("conftest.py", "families.yml", "frameworks.yml", "control.schema.json"):
        shutil.copy2(REPOSITORY / "controls" / name, root / "controls" / name)
    for name in ("project.py", "catalogue.py", "answers.py"):
        shutil.copy2(REPOSITORY / "controls" / "facts" / name, root / "controls" / "facts" / name)
    (root / "project.yml").write_text(yaml.safe_dump(PROJECT))
    (root / "pyproject.toml").write_text('[tool.redoubt]\nmodel = "tiny.model:MODEL"\n')
    (root / "src" / "tiny").mkdir(parents=True)
    (root / "src" / "tiny" / "__init__.py").write_text("")
    (root / "src" / "tiny" / "limit.py").write_text(LIMIT)
    (root / "tests").mkdir()
    (root / "tests" / "test_tiny.py").write_text(
        "from tiny.limit import allowed\n\n\ndef test_high(high):\n    assert allowed(high)\n"
    )
    (root / "tests" / "conftest.py").write_text(
        "import pytest\n\n\n@pytest.fixture\ndef high():\n    return 11\n"
    )
    return root


@pytest.fixture
def room(tiny: Path) -> Callable[..., Path]:
    """Return ``room(verify=…, **control)``: writes a room into the tiny project."""

    def write(verify: str = VERIFY, *, folder: str = "GATE-01-a-floor", **changes: Any) -> Path:
        target = tiny / "controls" / folder
        target.mkdir(exist_ok=True)
        (target / "control.yml").write_text(yaml.safe_dump(control(**changes), sort_keys=False))
        (target / "verify.py").write_text(verify)
        return target

    write()
    return write


@pytest.fixture
def quiet() -> dict[str, Any]:
    """Return the sabotage that the tiny room notices."""
    return dict(QUIET)


@pytest.fixture
def requirement() -> Callable[..., list[dict[str, Any]]]:
    """Return ``requirement(*breaks, **changes)``: the room's one requirement, some of it changed."""

    def make(*breaks: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
        item = {"id": "GATE-01.1", "claim": "A low value is denied.", "subject": "machinery"}
        if breaks:
            item["breaks"] = list(breaks)
        return [item | changes]

    return make


@pytest.fixture
def prove(tiny: Path) -> Callable[[], proving.Proof]:
    """Return ``prove()``: the tiny room, both ways."""
    return lambda: proving.prove(tiny, rooms.read(tiny), tiny / "var" / "out")[0]


@pytest.fixture
def judge(tiny: Path) -> Callable[..., Report]:
    """Return ``judge(**options)``: the report of a verification of the tiny project, as released."""

    def run(**options: Any) -> Report:
        register.write(tiny)
        (tiny / "controls" / "lock.json").write_text(
            '{"files": {}, "controls": {}, "closed": [], "open": [], "release": "0"}'
        )
        return verify.verify(Settings(root=tiny), tiny / "var" / "out", **options)[0]

    return run
