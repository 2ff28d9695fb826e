"""Rules of the whole catalogue: what the shape of a single room cannot say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from redoubt import plain_yaml
from redoubt.errors import BadInput
from redoubt.proof import facts
from redoubt.proof.rooms import Requirement, Room

PARTS_HERE = frozenset({1})
TIERS = (1, 2, 3)


@dataclass(frozen=True)
class Problem:
    """Something the catalogue must not say, and whom it concerns."""

    control: str
    message: str


@dataclass(frozen=True)
class Declared:
    """What rooms may refer to: families, frameworks and facts, by id."""

    families: Mapping[str, str]
    frameworks: Mapping[str, Mapping[str, Any]]
    facts: Mapping[str, facts.Fact]

    @classmethod
    def read(cls, controls: Path) -> Declared:
        """Read what ``controls/`` declares. Raises BadInput when a file is missing or malformed."""
        return cls(
            _mapping(controls / "families.yml"),
            _mapping(controls / "frameworks.yml"),
            facts.declared(controls / "facts"),
        )


def _mapping(path: Path) -> dict[str, Any]:
    try:
        value = plain_yaml.load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise BadInput(f"{path} cannot be read.", remedy="restore it") from error
    if not isinstance(value, dict):
        raise BadInput(f"{path} is not a mapping.", remedy="restore it")
    return value


def problems(rooms: Iterable[Room], declared: Declared) -> list[Problem]:
    """Return everything that is wrong with a catalogue, in order of the rooms."""
    rooms = tuple(rooms)
    found = [Problem(name, f"{count} rooms have this id")
             for name, count in Counter(room.id for room in rooms).items() if count > 1]  # fmt: skip
    ids = {room.id for room in rooms}
    for room in rooms:
        for check in (_identity, _references, _numbers, _tests):
            found += [Problem(room.id, text) for text in check(room, declared)]
        for requirement in room.control.requirements:
            found += [
                Problem(room.id, f"{requirement.id}: {t}") for t in _requirement(room, requirement)
            ]
        found += [Problem(room.id, text) for text in _retirement(room, ids)]
    return found


def _identity(room: Room, declared: Declared) -> Iterator[str]:
    family = room.id.partition("-")[0]
    if family not in declared.families:
        yield f"its family {family!r} is not in families.yml"
    if not re.fullmatch(re.escape(room.id) + r"(-[a-z0-9]+)+", room.folder.name):
        yield f"its folder {room.folder.name!r} is not {room.id}-<kebab-claim>"
    if set(room.control.tiers) != set(TIERS):
        yield f"tiers must say what holds in each of {TIERS}, not only {sorted(room.control.tiers)}"


def _references(room: Room, declared: Declared) -> Iterator[str]:
    for framework in room.control.references:
        if framework not in declared.frameworks:
            yield f"framework {framework!r} is not in frameworks.yml"


def _numbers(room: Room, declared: Declared) -> Iterator[str]:
    if room.control.state == "retired":
        return
    expected = [f"{room.id}.{n}" for n in range(1, len(room.control.requirements) + 1)]
    actual = [requirement.id for requirement in room.control.requirements]
    if not actual:
        yield "it has no requirement"
    if actual != expected:
        yield f"requirements are {', '.join(actual)}; they must be {', '.join(expected)}"


def _tests(room: Room, declared: Declared) -> Iterator[str]:
    known = {requirement.id for requirement in room.control.requirements}
    for test, ids in room.tests.items():
        if not ids:
            yield f'{test} proves nothing: give it @proves("{room.id}.…")'
        for name in ids:
            if name not in known:
                yield f"{test} proves {name}, which control.yml does not list"


def _requirement(room: Room, requirement: Requirement) -> Iterator[str]:
    tests = room.tests_of(requirement.id)
    if requirement.result and tests:
        yield f"it is {requirement.result} and has tests; it can be one of the two"
    if requirement.result and not (requirement.why and requirement.remedy):
        yield f"it is {requirement.result} without why and remedy"
    if not requirement.result and not tests and room.control.state != "retired":
        yield "it has neither a test nor a result"
    if tests and not any(_quiet(item) for item in requirement.breaks):
        yield "it has no quiet sabotage"
    if not tests and requirement.breaks:
        yield "it has sabotages and no test that could turn red"
    for name, count in Counter(item.name for item in requirement.breaks).items():
        if count > 1:
            yield f"{count} sabotages are called {name!r}"
    if requirement.decided and requirement.subject != "model":
        yield f"it is decided and speaks of {requirement.subject}; only a model is decided on"
    yield from _plan(requirement)


def _quiet(item: Any) -> bool:
    return bool(item.quiet) and item.kind not in ("delete", "answer")


def _plan(requirement: Requirement) -> Iterator[str]:
    if requirement.planned is None:
        return
    if requirement.result != "not-evaluated":
        yield "it is planned, so its result must be not-evaluated"
    if requirement.planned.part in PARTS_HERE:
        yield f"it is planned for part {requirement.planned.part}, which is here"


def _retirement(room: Room, ids: set[str]) -> Iterator[str]:
    control = room.control
    if control.state != "retired":
        if control.successor:
            yield "only a retired control has a successor"
        return
    if not control.successor:
        yield "it is retired without a successor"
    elif control.successor not in ids or control.successor == control.id:
        yield f"its successor {control.successor} is not another control of this catalogue"


def unknown_facts(declared: Declared) -> list[Problem]:
    """Return the facts that need something nobody hands out."""
    given = set(declared.facts) | {"root", "own", "copy_of", "tmp_path_factory"}
    return [
        Problem("facts", f"{fact.name} needs {need!r}, which no fact or base fixture is")
        for fact in declared.facts.values()
        for need in fact.needs
        if need not in given
    ]
