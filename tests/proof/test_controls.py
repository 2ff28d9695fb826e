"""The catalogue itself: green on every named set of answers, and able to fail on the first of them."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from redoubt.proof import facts, proofs, prove, rooms, verify, workers
from redoubt.settings import Settings

HERE = Path(__file__).resolve().parents[1]
SETS = sorted(path.stem for path in (HERE / "answers").glob("*.yml"))
HEAVY = workers.HEAVY
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("controls")]


@pytest.fixture(autouse=True)
def _warm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "HEAVY", HEAVY)


@pytest.fixture(scope="session")
def shared(kept_facts: Path) -> Iterator[Path]:
    """Share facts between answer sets: they depend on what they read, not on the project's name."""
    shutil.rmtree(kept_facts, ignore_errors=True)
    kept_facts.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(facts.SHARED, str(kept_facts))
        yield kept_facts


@pytest.fixture(scope="session")
def proven(
    tmp_path_factory: pytest.TempPathFactory,
    project: Path,
    opened: dict[str, set[Path]],
    shared: Path,
    repository: Path,
) -> list[prove.Proof]:
    assert opened  # the facts on disk lie in the project since then
    record = repository / "var" / "proof.json"  # what a release would ship
    record.unlink(missing_ok=True)
    found = prove.prove(project, rooms.read(project), tmp_path_factory.mktemp("proof"), say=print)
    proofs.record(found, record, project)
    share(project, shared)
    return found


def share(root: Path, shared: Path) -> None:
    """Let the sets that follow use the facts of this one."""
    own = root / "var" / "proof" / "facts"
    own.mkdir(parents=True, exist_ok=True)  # there may be no fact of its own
    shutil.copytree(own, shared, dirs_exist_ok=True)


def test_every_control_is_proven_both_ways(proven: list[prove.Proof]) -> None:
    assert [f"{proof.room.id}: {text}" for proof in proven for text in proof.failures()] == []
    skipped = [item.skipped for proof in proven for item in proof.breaks if item.skipped]
    assert skipped == []


def cloud(root: Path) -> str:
    """Return what production would be made of, without what the answers call it."""
    store = facts.Store(root, facts.declared(root / "controls" / "facts"))
    folder = store.folder("plan_production", lambda name: pytest.fail(f"{name} is not there"))
    text = json.dumps(
        _read(json.loads((folder / "production.json").read_text())["resource_changes"])
    )
    given = json.loads((root / "infra" / "project.auto.tfvars.json").read_text())
    tier = f'"Tier": "{given["tier"]}"'
    prefix = given["prefix"]
    names = (given["repository"], tier, prefix, prefix.replace("-", "_"))
    for number, name in enumerate(names):
        text = text.replace(name, f"<{number}>")
    return text


def _read(value: Any) -> Any:
    """Return a value with what machines start by as text, so that names in it are seen."""
    if isinstance(value, dict):
        return {
            key: base64.b64decode(item).decode() if key == "user_data_base64" and item is not True
            else _read(item)
            for key, item in value.items() if item
        }  # fmt: skip
    return [_read(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", SETS)
def test_every_control_is_green_and_the_cloud_is_the_one_that_is_scanned(
    name: str, proven: list[prove.Proof], shared: Path, project: Path, render: Callable[..., Path],
    answer_sets: dict[str, dict[str, Any]], tmp_path: Path,
) -> None:  # fmt: skip
    root = render(tmp_path / "project", **answer_sets[name])
    report, _ = verify.verify(Settings(root=root), tmp_path / "out")
    red = [f"{item.requirement.id}: {item.why}" for item in report.judged if item.result == "fail"]
    assert red == []
    assert [item.message for item in report.findings] == []
    assert [item.requirement.id for item in report.unknown()] == []
    share(root, shared)
    # Scanners judge the default answers (tests/infra/test_scan.py); equality takes that to all.
    assert cloud(root) == cloud(project)
