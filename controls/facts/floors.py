"""The fact ``floors``: the platform's floors as the code reads them, beside the table of ``floors.yml``.

The policy belongs to the platform team and the table to security, so a floor moves only when both
say so. ``floors.moved("GATE-02")`` names what differs in the part of the table that a room owns.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import yaml

from redoubt import identity, limits
from redoubt.data import sources
from redoubt.proof import fact
from redoubt.records import Direction, Tier
from redoubt.release import issuer
from redoubt.settings import Settings

POLICY = "platform/src/redoubt/policy"
STORAGE = "infra/modules/storage/floors.yml"
TIERS: tuple[Tier, ...] = (1, 2, 3)
ENVIRONMENTS = get_args(Settings.model_fields["environment"].annotation)
Row = tuple[str, list[Any]]


def _limits(policy: str, empty: Path) -> Iterator[Row]:
    """Yield each number and list: its direction, and what counts in tier 1, 2 and 3."""
    floors = limits._floors(policy)
    effective = [limits.load(empty, policy, tier, ()) for tier in TIERS]
    for group, named in floors.numbers.items():
        for name, floor in named.items():
            values = [one.number(group, name) for one in effective]
            yield f"{policy}.{group}.{name}", [floor.direction, *values]
            for place, stricter in floor.jurisdictions.items():
                yield f"{policy}.{group}.{name}@{place}", [stricter.get(tier) for tier in TIERS]
    for name, names in floors.lists.items():
        listed = [list(one.lists[name]) for one in effective]
        yield f"{policy}.lists.{name}", [names.direction, *listed]


def _roles(empty: Path) -> Iterator[Row]:
    duties = identity.duties(empty)
    for role, actions in duties.roles.items():
        yield f"roles.{role}", sorted(actions)
    yield "roles.toxic", sorted(sorted(pair) for pair in duties.toxic)


def _sources(empty: Path) -> Iterator[Row]:
    for environment in ENVIRONMENTS:
        for name, entry in sources.load(Settings(root=empty, environment=environment)).items():
            yield f"sources.{name}@{environment}", [entry.location, entry.key, *entry.digests]


def _development(empty: Path) -> Iterator[Row]:
    for name, person in issuer.people().items():
        yield f"development.{name}", [*person.roles, person.scope, person.hours]


def _storage(path: Path) -> Iterator[Row]:
    """Yield the least days that each class of data lives: development, validation, production."""
    table = yaml.safe_load(path.read_text()) if path.is_file() else {}
    for name in sorted({name for row in table.values() for name in row}):
        days = [table.get(environment, {}).get(name) for environment in ENVIRONMENTS]
        yield f"storage.{name}", ["days", *days]


SPECIAL = {"roles": _roles, "sources": _sources, "development": _development}


class Floors:
    """Two views of every floor: ``now``, and ``held`` by the table, control by control."""

    def __init__(self, held: dict[str, dict[str, list[Any]]], now: dict[str, list[Any]]) -> None:
        self.held, self.now = held, now

    def numbers(self) -> Iterator[tuple[str, str, list[float]]]:
        """Yield the name, the direction and the values in tier 1, 2 and 3 of each number."""
        for name, (head, *values) in self.now.items():
            if head in get_args(Direction):
                yield name, head, values

    def names(self) -> Iterator[tuple[str, str, list[set[str]]]]:
        """Yield the name, the direction and the members in tier 1, 2 and 3 of each list of names."""
        for name, (head, *values) in self.now.items():
            if head in ("more", "fewer"):
                yield name, head, [set(value) for value in values]

    def moved(self, control: str) -> list[str]:
        """Name each floor of a control, or of none, that is not what the table says."""
        held, of_all = self.held[control], {name for rows in self.held.values() for name in rows}
        return [
            f"{name} is {self.now.get(name)}; controls/floors.yml says {held.get(name)}"
            for name in sorted(held.keys() | (self.now.keys() - of_all))
            if self.now.get(name) != held.get(name)
        ]


@fact(
    reads=[
        "controls/floors.yml",
        "infra/modules/storage/floors.yml",
        "platform/src/redoubt/policy/**",
    ]
)
def floors(root: Path, tmp_path_factory: Any) -> Floors:
    empty, now = tmp_path_factory.mktemp("no-overrides"), dict[str, list[Any]]()
    for path in sorted((root / POLICY).glob("*.yml")):
        special = SPECIAL.get(path.stem)
        now |= dict(special(empty) if special else _limits(path.stem, empty))
    now |= dict(_storage(root / STORAGE))
    return Floors(yaml.safe_load((root / "controls" / "floors.yml").read_text()), now)
