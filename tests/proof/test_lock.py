"""The lock of this repository, and how it is made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.proof import audit, lock, register, rooms


def test_the_lock_is_current(repository: Path) -> None:
    expected = lock.build(repository)
    written = lock.read(repository) or {}
    changed = {
        name
        for name in expected["files"].keys() | written.get("files", {}).keys()
        if expected["files"].get(name) != written.get("files", {}).get(name)
    }
    assert changed == set(), "run `python -m redoubt.proof.lock` and commit controls/lock.json"
    assert written == expected


def test_the_register_is_current(repository: Path) -> None:
    promises = register.of(rooms.read(repository))
    found = list(register.differences(register.read(repository) or {}, promises))
    assert found == [], "run `python -m redoubt.proof.lock` and commit the register"


def test_the_register_is_in_the_lock_and_not_in_the_folder_of_the_rooms(repository: Path) -> None:
    assert register.NAME in (lock.read(repository) or {})["files"]
    assert not register.NAME.startswith("controls/")


def test_the_lock_knows_what_a_team_may_add(repository: Path) -> None:
    written = lock.read(repository) or {}
    assert "controls/waivers.yml" in written["open"]
    assert "controls/waivers.yml" not in written["files"]
    assert {"controls/", "platform/"} <= set(written["closed"])
    assert not [name for name in written["files"] if name.endswith((".jinja", ".pyc"))]


def test_the_lock_remembers_which_controls_a_file_keeps(repository: Path) -> None:
    marks = (lock.read(repository) or {})["marks"]
    assert {"MON-06", "SRV-06"} <= set(marks["platform/src/redoubt/bundle.py"])
    assert "NET-03" in marks["infra/network.tf"]
    assert not [name for name in marks if name.startswith("controls/") or not marks[name]]


def test_a_published_control_is_never_just_dropped(tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    (tmp_path / "ownership.yml").write_text("paths:\n  - {path: /controls/, class: P}\n")
    assert lock.build(tmp_path)["controls"] == {}
    (tmp_path / "controls").mkdir()
    (tmp_path / lock.NAME).write_text(json.dumps({"files": {}, "controls": {"NET-01": {}}}))
    with pytest.raises(Refused, match="NET-01: published before"):
        lock.build(tmp_path)


def test_an_audit_against_a_version_that_is_not_there_says_so(
    rendered: Path, template: Path, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match="cannot be rendered at v99"):
        audit.audit(rendered, template, tmp_path, print, version="v99", rooms=False)
    with pytest.raises(BadInput, match="is not the template"):
        audit.audit(rendered, tmp_path, tmp_path, print)


@pytest.mark.parametrize("content", [None, "", "[]", '{"GATE-01": 1}', "{"])
def test_a_missing_or_torn_register_is_a_finding(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / register.NAME
    path.parent.mkdir(parents=True)
    if content is not None:
        path.write_text(content)
    assert ["cannot be read" in item.message for item in register.check(tmp_path, [])] == [True]
    path.write_text("{}")
    assert register.check(tmp_path, []) == []


@pytest.mark.parametrize("content", [None, "", "[]", '{"files": []}', '{"files": {}}', "{"])
def test_a_missing_or_torn_lock_is_a_finding(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "controls").mkdir()
    if content is not None:
        (tmp_path / lock.NAME).write_text(content)
    assert [item.about for item in lock.check(tmp_path)] == ["lock"]


def test_an_edited_file_is_given_a_remedy_that_works(tmp_path: Path) -> None:
    # tried: `copier update` carries a committed edit of a platform file along
    (tmp_path / "controls").mkdir()
    (tmp_path / lock.NAME).write_text(
        json.dumps({"files": {"mypy.ini": "sha256:0"}, "closed": [], "open": []})
    )
    (tmp_path / "mypy.ini").write_text("edited\n")
    remedies = [item.remedy for item in lock.check(tmp_path) if "was edited" in item.message]
    assert len(remedies) == 1
    assert "revert that commit" in remedies[0]
