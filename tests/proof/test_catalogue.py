"""What a catalogue must not say, each said once; and the scaffold of a new room."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.errors import BadInput
from redoubt.proof import catalogue, lock, prove, register, rooms, scaffold

Room = Callable[..., Path]
Requirement = Callable[..., list[dict[str, Any]]]
EXTERNAL = {"result": "external", "why": "It is elsewhere.", "remedy": "Attach it."}
TESTLESS = '"""Nothing is proven here."""\n'


def problems(root: Path) -> list[str]:
    declared = catalogue.Declared.read(root / "controls")
    return [item.message for item in catalogue.problems(rooms.read(root), declared)]


def test_a_healthy_catalogue_has_no_problem(tiny: Path, room: Room) -> None:
    assert problems(tiny) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "XYZ-01"}, "its family 'XYZ' is not in families.yml"),
        ({"folder": "GATE-01_Floor"}, "is not GATE-01-<kebab-claim>"),
        ({"references": {"iso-9001": ["1"]}}, "framework 'iso-9001' is not in frameworks.yml"),
        ({"tiers": {1: "blocking"}}, "tiers must say what holds in each of (1, 2, 3)"),
        ({"state": "retired"}, "it is retired without a successor"),
        ({"state": "retired", "successor": "GATE-09"}, "is not another control"),
        ({"successor": "GATE-02"}, "only a retired control has a successor"),
        ({"requirements": []}, "it has no requirement"),
    ],
)
def test_a_room_that_says_something_wrong_is_named(
    tiny: Path, room: Room, changes: dict[str, Any], expected: str
) -> None:
    if "folder" in changes or "id" in changes:
        (tiny / "controls" / "GATE-01-a-floor" / "control.yml").unlink()
    room(**changes)
    assert any(expected in text for text in problems(tiny)), problems(tiny)


@pytest.mark.parametrize(
    ("verify", "change", "expected"),
    [
        (TESTLESS, {"breaks": []}, "it has neither a test nor a result"),
        (None, EXTERNAL, "it is external and has tests"),
        (TESTLESS, {"breaks": [], "result": "external"}, "it is external without why and remedy"),
        (TESTLESS, EXTERNAL, "it has sabotages and no test"),
        (None, {"breaks": []}, "it has no quiet sabotage"),
        (None, {"id": "GATE-01.2"}, "they must be GATE-01.1"),
        (None, {"planned": {"part": 3, "component": "a store"}}, "its result must be not-evaluated"),
        (TESTLESS, EXTERNAL | {"breaks": [], "result": "not-evaluated",
                               "planned": {"part": 1, "component": "bones"}}, "part 1, which is here"),
        ("from redoubt.proof import proves\n\n\ndef test_it():\n    assert False\n", {}, "test_it proves nothing"),
        ('@proves("GATE-01.7")\ndef test_it(): ...\n', {}, "proves GATE-01.7, which control.yml does not"),
    ],
)  # fmt: skip
def test_a_requirement_that_says_something_wrong_is_named(
    tiny: Path, room: Room, requirement: Requirement, quiet: dict[str, Any], verify: str | None,
    change: dict[str, Any], expected: str,
) -> None:  # fmt: skip
    more = {"verify": verify} if verify else {}
    room(**more, requirements=requirement(**{"breaks": [quiet]} | change))
    assert any(expected in text for text in problems(tiny)), problems(tiny)


def test_two_rooms_with_one_id_and_two_sabotages_with_one_name(
    tiny: Path, room: Room, requirement: Requirement, quiet: dict[str, Any]
) -> None:
    room(requirements=requirement(quiet, quiet))
    room(folder="GATE-01-another")
    found = problems(tiny)
    assert "2 rooms have this id" in found
    assert "GATE-01.1: 2 sabotages are called 'the floor is forgotten'" in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: [", "is not YAML"),
        ("id: GATE-1\n", "id='GATE-1'"),
        ("id: GATE-01\nsurprise: 1\n", "surprise=1"),
    ],
)
def test_a_malformed_room_is_bad_input(tiny: Path, room: Room, text: str, expected: str) -> None:
    (tiny / "controls" / "GATE-01-a-floor" / "control.yml").write_text(text)
    with pytest.raises(BadInput) as caught:
        rooms.read_room(tiny / "controls" / "GATE-01-a-floor")
    assert expected in str(caught.value) or "Field required" in str(caught.value)


def test_an_unknown_room_is_bad_input(tiny: Path, room: Room) -> None:
    assert [item.id for item in rooms.read(tiny, ("controls/GATE-01-a-floor/",))] == ["GATE-01"]
    with pytest.raises(BadInput, match="There is no room 'NET-01'"):
        rooms.read(tiny, ("NET-01",))


@pytest.mark.parametrize("subject", ["machinery", "project", "outside", "model"])
def test_only_a_claim_about_a_model_waits_for_the_decision(
    tiny: Path, room: Room, requirement: Requirement, quiet: dict[str, Any], subject: str
) -> None:
    room(requirements=requirement(quiet, subject=subject, decided=True))
    found = [text for text in problems(tiny) if "only a model is decided on" in text]
    assert len(found) == (subject != "model")


def test_the_schema_is_the_one_of_the_code(repository: Path) -> None:
    written = json.loads((repository / "controls" / "control.schema.json").read_text())
    assert written == rooms.schema()


def test_the_catalogue_of_this_repository_holds(repository: Path) -> None:
    declared = catalogue.Declared.read(repository / "controls")
    found = [
        *catalogue.problems(rooms.read(repository), declared),
        *catalogue.unknown_facts(declared),
    ]
    assert [f"{item.control}: {item.message}" for item in found] == []


def test_every_fact_reads_files_that_exist(repository: Path, rendered: Path) -> None:
    declared = catalogue.Declared.read(repository / "controls").facts.values()
    empty = [f"{fact.name}: {glob}" for fact in declared for glob in fact.reads
             if not catalogue.facts.matched(rendered, glob)]  # fmt: skip
    assert empty == []


def test_a_new_room_fails_until_it_is_filled_in(tiny: Path, room: Room) -> None:
    folder = scaffold.new(tiny, "NET-99", "no-internet-route")
    assert problems(tiny) == []
    found = prove.prove(tiny, rooms.read(tiny, (folder.name,)), tiny / "var" / "out")[0]
    failures = "\n".join(found.failures())
    assert "NET-99.1 is not filled in" in failures
    assert "does not apply" in failures


@pytest.mark.parametrize(
    ("control", "slug", "expected"),
    [("net-1", "a", "'net-1' is no control id"), ("NET-01", "No_Route", "'No_Route' is no slug"),
     ("ZZZ-01", "a", "ZZZ-01 is of no family"), ("GATE-01", "a", "GATE-01 stands in controls/; an id is never used twice")],
)  # fmt: skip
def test_a_new_room_needs_a_free_id_and_a_slug(
    tiny: Path, room: Room, control: str, slug: str, expected: str
) -> None:
    with pytest.raises(BadInput, match=expected):
        scaffold.new(tiny, control, slug)


@pytest.mark.parametrize(
    ("held", "content"),
    [(lock.NAME, '{"files": {}, "controls": {"NET-07": {}}}'), (register.NAME, '{"NET-07": {}}')],
)
def test_an_id_that_was_released_once_is_not_free_although_its_room_is_gone(
    tiny: Path, room: Room, held: str, content: str
) -> None:
    (tiny / held).write_text(content)
    with pytest.raises(BadInput, match=f"NET-07 stands in {held}") as error:
        scaffold.new(tiny, "NET-07", "no-internet-route")
    assert error.value.remedy == "take NET-08"
    assert scaffold.new(tiny, "NET-08", "no-internet-route").is_dir()
