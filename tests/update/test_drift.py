"""After an update every room still passes; a weakened platform file is named, by lock and by audit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.proof import facts, lock

LIMITS = "platform/src/redoubt/limits.py"
Redoubt = Callable[..., tuple[list[str], dict[str, str]]]


@pytest.fixture
def call(run: Callable[..., Any], redoubt: Redoubt) -> Callable[..., Any]:
    """Return ``call(project, *words)``: the project's own redoubt, run in the project."""

    def make(project: Path, *words: str) -> Any:
        command, environment = redoubt(project, *words)
        return run(*command, cwd=project, env=environment, check=False)

    return make


@pytest.fixture
def weakened(tmp_path: Path, rendered: Path) -> Path:
    """Return a project in which a floor was made to hold always."""
    root = tmp_path / "project"
    shutil.copytree(rendered, root)
    text = (root / LIMITS).read_text()
    assert text.count("metric.low >= limit.value") == 1
    (root / LIMITS).write_text(text.replace("metric.low >= limit.value", "metric.low >= 0.0"))
    return root


@pytest.mark.slow
def test_all_rooms_still_pass_after_an_update(
    team: Any, call: Callable[..., Any], kept_facts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.update()
    # What an update did not touch was computed by `controls` already, if that ran before.
    monkeypatch.setenv(facts.SHARED, str(kept_facts))
    done = call(team.root, "verify")
    refused = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert " fail 0 " in done.stdout, done.stdout + done.stderr
    # The team's waiver has not been approved yet, and nothing else is wrong.
    assert [line for line in refused if "Waiver W-1 does not act" not in line] == []


def test_an_edited_platform_file_is_named_by_verify(
    weakened: Path, rendered: Path, call: Callable[..., Any]
) -> None:
    assert lock.check(rendered) == []
    done = call(weakened, "verify", "GOV-01")
    assert done.returncode == 1
    assert f"{LIMITS} was edited" in done.stdout


def test_an_edited_platform_file_is_named_by_audit_although_the_lock_was_edited_too(
    weakened: Path, rendered: Path, template: Path, call: Callable[..., Any]
) -> None:
    options = ("audit", "--files-only", "--template", str(template))
    healthy = call(rendered, *options, str(rendered))
    assert (healthy.returncode, "every platform file is as" in healthy.stdout) == (0, True)
    locked = weakened / "controls" / "lock.json"
    value = json.loads(locked.read_text())
    del value["files"][LIMITS]
    locked.write_text(json.dumps(value))
    done = call(weakened, *options, str(weakened))
    assert done.returncode == 1
    assert f"{LIMITS} was edited" in done.stdout
    assert "controls/lock.json was edited" in done.stdout
