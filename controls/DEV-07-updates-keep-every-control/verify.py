"""DEV-07: what the template gave is recorded, and what an update or a hand took away is named."""

import shutil
from collections.abc import Iterable

import pytest

from redoubt.errors import Refused
from redoubt.proof import audit, lock, proves, register, updates, verify
from redoubt.proof.results import Finding

MARKED = "holds a conflict marker"
FOLDERS = {
    "ci/",
    "controls/",
    "infra/",
    "platform/",
    "requirements/",
}  # nothing else may lie in them
OPEN = {  # but these, which are the team's or differ from project to project
    "ci/team-*", "controls/waivers.yml", "infra/environments/", "infra/project.auto.tfvars.json",
    "infra/team.tf", "requirements/team.in", "requirements/team.txt",
}  # fmt: skip
FILES = {".gitignore", "mypy.ini", "noxfile.py", "ruff.toml"}  # besides those in folders


def named(findings: Iterable[Finding]) -> str:
    return "\n".join(item.message for item in findings)


@proves("DEV-07.1")
def test_version_answers_and_digests_are_recorded(answers, root, project, catalogue):
    assert {"_commit", "_src_path"} <= {key for key, value in answers.items() if value}
    assert answers["package_name"] == project.package
    held = lock.read(root) or {}
    assert set(held["controls"]) == {room.id for room in catalogue}
    assert set(held["closed"]) >= FOLDERS
    assert set(held["open"]) <= OPEN
    assert held["files"].keys() >= FILES
    assert [n for n in held["files"] if any(lock.matches(row, n) for row in held["open"])] == []


@proves("DEV-07.2")
def test_edited_missing_and_extra_files_are_named(locked_project, tampered_project, tmp_path):
    assert named(lock.check(locked_project)) == ""
    found = set(named(lock.check(tampered_project / "plain")).splitlines())
    edited, missing = "controls/NET-01-a/control.yml was edited.", "platform/b.py is missing."
    extra = {f"platform/{name} is not a file of the platform." for name in ("c.py", "d")}
    assert found == {edited, missing, *extra}
    path = tmp_path / lock.NAME
    path.parent.mkdir()
    for text in (None, "{", "[]", '{"files": {}}'):
        _ = text is None or path.write_text(text)
        assert "lock.json is missing or cannot" in named(lock.check(tmp_path)), text


@proves("DEV-07.3")
def test_this_project_is_as_its_release_locked_it(root):
    assert named(lock.check(root)) == ""


@proves("DEV-07.4")
def test_a_deleted_room_is_named(locked_project, copy_of):
    project = copy_of(locked_project)
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
def test_a_lowered_tier_is_named_here_and_anywhere(project):
    assert named(updates.lowered(project)) == ""
    worst = {"financial_exposure": "high", "customer_impact": "individuals"}
    facts = project.facts.model_copy(update=worst)
    attacked = project.model_copy(update={"facts": facts, "rendered_tier": 3})
    assert "says tier 3; its facts give tier 1" in named(updates.lowered(attacked))


@proves("DEV-07.6")
def test_conflicts_are_named_and_none_is_left_here(root, tmp_path):
    assert named(updates.conflicts(root)) == ""
    (deep := tmp_path / "src" / "deep").mkdir(parents=True)
    texts = {".torn": ">>>>>>> after updating\n", "torn.yml.rej": "@@\n",
             "torn.py": "a = 1\n<<<<<<< before updating\n"}  # fmt: skip
    for folder in (tmp_path, deep):
        for name, text in texts.items():
            (folder / name).write_text(text)
    found = set(named(updates.conflicts(tmp_path)).splitlines())
    assert found == {f"{place}{name} {'is a rejected patch' if name.endswith('.rej') else MARKED}."
                     for name in texts for place in ("", "src/deep/")}  # fmt: skip


@proves("DEV-07.7")
def test_the_difference_of_two_locks_lists_every_change(two_locks):
    before, after, expected = two_locks
    assert lock.changes(before, before) == []
    assert lock.changes(before, after) == expected


@proves("DEV-07.8")
def test_the_audit_is_not_fooled_by_an_edited_lock(locked_project, tampered_project):
    owners = lock.Ownership((("platform/", "P"), ("controls/", "P")))
    assert named(audit.compare(locked_project, locked_project, owners)) == ""
    edited = tampered_project / "with_lock"
    assert "platform/b.py" not in named(lock.check(edited))
    found = tuple(audit.compare(edited, locked_project, owners))
    assert set(named(found).splitlines()) == {
        "controls/lock.json was edited.", "controls/NET-02-b/control.yml is missing.",
        "platform/b.py was edited.", "platform/c.py is not a file of the platform."}  # fmt: skip
    ends = [audit.Audited(edited, findings, None).exit_code for findings in ((), found)]
    assert ends == [0, 1]


@proves("DEV-07.10")
def test_what_no_room_can_see_is_reported_and_stops_the_project(inspected):
    assert inspected.healthy() == ([], 0)
    for about, found in inspected.troubled():
        assert found == ([about], 1), about


@proves("DEV-07.11")
def test_every_room_here_promises_what_the_register_says(root, catalogue):
    assert named(register.check(root, catalogue)) == ""


@proves("DEV-07.11")
def test_a_promise_that_a_room_no_longer_makes_is_named(broken_promises):
    for found, expected in broken_promises():
        assert named(found) == expected
