"""DEV-07: what the template gave is recorded, and what an update or a hand took away is named."""

import json
import shutil

import pytest

import redoubt
from redoubt.errors import Refused
from redoubt.proof import audit, lock, proves, updates, verify


def named(findings) -> str:
    return "\n".join(item.message for item in findings)


@proves("DEV-07.1")
def test_version_answers_and_digests_are_recorded(answers, root, project, catalogue):
    locked = lock.read(root) or {}
    assert answers.get("_commit")
    assert answers.get("_src_path")
    assert answers["package_name"] == project.package
    assert locked.get("release") == redoubt.__version__
    assert set(locked["controls"]) == {room.id for room in catalogue}


@proves("DEV-07.2")
def test_edited_missing_and_extra_files_are_named(locked_project, copy_of):
    project = copy_of(locked_project)
    assert named(lock.check(project)) == ""
    (project / "controls" / "NET-01-a" / "control.yml").write_text("id: NET-02\n")
    (project / "platform" / "b.py").unlink()
    (project / "platform" / "c.py").write_text("")
    found = named(lock.check(project))
    assert "NET-01-a/control.yml was edited" in found
    assert "platform/b.py is missing" in found
    assert "platform/c.py is not a file of the platform" in found
    (project / lock.NAME).unlink()
    assert "lock.json is missing" in named(lock.check(project))


@proves("DEV-07.3")
def test_this_project_is_as_its_release_locked_it(root):
    assert named(lock.check(root)) == ""


@proves("DEV-07.4")
def test_a_deleted_room_is_named(locked_project, copy_of):
    project = copy_of(locked_project)
    assert "NET-01" not in named(lock.check(project))
    shutil.rmtree(project / "controls" / "NET-01-a")
    assert "The room of NET-01 is gone" in named(lock.check(project))


@proves("DEV-07.4")
def test_a_release_cannot_drop_an_id(template_of):
    assert "NET-01" in lock.build(template_of(("NET-01", "NET-02")))["controls"]
    with pytest.raises(Refused, match="NET-02"):
        lock.build(template_of(("NET-01",), before=("NET-01", "NET-02")))


@proves("DEV-07.4")
def test_a_control_that_earlier_runs_knew_is_missed(judged_before):
    settings, seen = judged_before
    assert verify.gone(settings, seen) == []
    assert f"{seen[0]} was judged here" in named(verify.gone(settings, seen[1:]))


@proves("DEV-07.5")
def test_a_lowered_tier_is_named_and_does_not_count(project):
    healthy = project.model_copy(update={"rendered_tier": project.tier})
    assert named(updates.lowered(healthy)) == ""
    facts = project.facts.model_copy(
        update={"customer_impact": "individuals", "financial_exposure": "high"}
    )
    attacked = project.model_copy(update={"facts": facts, "rendered_tier": 3})
    assert attacked.tier == 1
    assert "says tier 3" in named(updates.lowered(attacked))


@proves("DEV-07.5")
def test_the_tier_written_here_is_the_computed_one(project):
    assert named(updates.lowered(project)) == ""


@proves("DEV-07.6")
def test_conflicts_are_named_and_none_is_left_here(root, tmp_path):
    (tmp_path / "fine.md").write_text("a\n=======\n")
    assert named(updates.conflicts(tmp_path)) == ""
    (tmp_path / "torn.py").write_text("a = 1\n<<<<<<< before updating\n")
    (tmp_path / "torn.yml.rej").write_text("@@\n")
    assert "torn.py holds" in named(updates.conflicts(tmp_path))
    assert "torn.yml.rej is" in named(updates.conflicts(tmp_path))
    assert named(updates.conflicts(root)) == ""


@proves("DEV-07.7")
def test_the_difference_of_two_locks_lists_every_change(two_locks):
    before, after = two_locks
    assert lock.changes(before, json.loads(json.dumps(before))) == []
    assert lock.changes(before, after) == [
        "NET-04: added", "NET-01: REMOVED", "NET-02: tier 2 was blocking, is report",
        "NET-03: active is now retired", "NET-03: its room changed",
    ]  # fmt: skip


@proves("DEV-07.8")
def test_the_audit_is_not_fooled_by_an_edited_lock(locked_project, copy_of):
    owners = lock.Ownership((("platform/", "P"), ("controls/", "P")))
    assert named(audit.compare(copy_of(locked_project), locked_project, owners)) == ""
    edited = copy_of(locked_project)
    (edited / "platform" / "b.py").write_text("limit = 0.0\n")
    (edited / "platform" / "c.py").write_text("")
    value = lock.read(edited)
    value["files"]["platform/b.py"] = lock.digests.digest_file(edited / "platform" / "b.py")
    (edited / lock.NAME).write_text(json.dumps(value))
    assert "platform/b.py" not in named(lock.check(edited))
    found = named(audit.compare(edited, locked_project, owners))
    assert "platform/b.py was edited" in found
    assert "platform/c.py is not a file of the platform" in found
