"""The table of floors: each floor has one owner, and no single number of it moves unseen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from redoubt.proof import facts, rooms


@pytest.fixture(scope="session")
def floors(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    found = facts.declared(repository / "controls" / "facts")["floors"]
    return found.function()(repository, tmp_path_factory)


def other(value: Any) -> Iterator[Any]:
    """Yield a row with one of its cells changed, each in turn."""
    for place, cell in enumerate(value):
        changed = [*cell, "more"] if isinstance(cell, list) else f"not {cell}"
        yield [*value[:place], changed, *value[place + 1 :]]
    yield value[:-1]


def test_no_floor_moved_and_each_has_one_owner(floors: Any) -> None:
    owned = [name for rows in floors.held.values() for name in rows]
    assert sorted(owned) == sorted(floors.now)
    assert [text for control in floors.held for text in floors.moved(control)] == []


def test_a_change_of_any_single_number_direction_or_name_is_named_by_its_owner(floors: Any) -> None:
    for control, rows in floors.held.items():
        for name, value in rows.items():
            for changed in other(value):
                found = type(floors)(floors.held, floors.now | {name: changed}).moved(control)
                assert [text.partition(" is ")[0] for text in found] == [name], changed


def test_a_floor_that_is_gone_or_new_is_named(floors: Any) -> None:
    for control, rows in floors.held.items():
        less = {name: value for name, value in floors.now.items() if name not in rows}
        assert len(type(floors)(floors.held, less).moved(control)) == len(rows)
        more = type(floors)(floors.held, floors.now | {"gates.new.limit": ["max", 1, 1, 1]})
        assert more.moved(control) == ["gates.new.limit is ['max', 1, 1, 1]; controls/floors.yml says None"]  # fmt: skip


def test_every_owner_of_floors_is_a_room_that_looks_at_its_own(
    floors: Any, repository: Path
) -> None:
    looked = {
        room.id
        for room in rooms.read(repository)
        if f'floors.moved("{room.id}") == []' in room.verify.read_text()
    }
    assert looked == set(floors.held)
