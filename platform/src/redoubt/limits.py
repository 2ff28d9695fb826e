"""Policy limits: the platform's floors folded with a project's overrides; the stricter one counts.

Floors live in ``redoubt/policy/<name>.yml``, overrides in ``<root>/conf/<name>.yml`` and nowhere
else. A looser override is refused with the floor quoted, so an update never meets a team's edits.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from redoubt import digests, plain_yaml
from redoubt.errors import BadInput, Unavailable, yaml_fault
from redoubt.records import Direction, Limit, Metric, Tier

Numbers = Mapping[str, Mapping[str, Limit]]
REMEDY = "correct the value or delete the line; the platform's floor then counts"


class _Floor(BaseModel):
    """One number: which direction is safe, its floor for each tier, stricter ones by jurisdiction."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    direction: Direction
    meaning: str = Field(min_length=1)
    tiers: dict[Tier, float]
    jurisdictions: dict[str, dict[Tier, float]] = Field(default_factory=dict)


class _Names(BaseModel):
    """One list of names: an override may only add to it (``more``) or take from it (``fewer``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    direction: Literal["more", "fewer"]
    known: tuple[str, ...]
    tiers: dict[Tier, tuple[str, ...]]


class _Policy(BaseModel):
    """A policy file. ``version`` rises when a limit changes its meaning, not its value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    numbers: dict[str, dict[str, _Floor]] = Field(default_factory=dict)
    lists: dict[str, _Names] = Field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """The effective limits of one policy for one tier."""

    policy: str
    version: int
    tier: Tier
    numbers: Numbers
    lists: Mapping[str, tuple[str, ...]]

    # control: GATE-01
    @property
    def rules(self) -> str:
        """Return the rules digest: it changes with every effective limit, whoever changed it."""
        return digests.digest_of({
            "policy": self.policy, "version": self.version, "tier": self.tier,
            "numbers": {group: {name: [limit.direction, limit.value] for name, limit in named.items()}
                        for group, named in self.numbers.items()},
            "lists": {name: sorted(values) for name, values in self.lists.items()},
        })  # fmt: skip

    def of(self, group: str) -> Mapping[str, Limit]:
        """Return the limits of one group, such as a gate; none is an empty mapping."""
        return self.numbers.get(group, {})

    def number(self, group: str, name: str) -> float:
        """Return one effective number. Raises KeyError: the name is ours, not the user's."""
        return self.numbers[group][name].value


# control: GATE-02
# control: GATE-09
def holds(limit: Limit, metric: Metric) -> bool:
    """Say whether a measure keeps its limit at the unfavourable end of its confidence interval."""
    if limit.direction == "min":
        return metric.low >= limit.value
    return metric.high <= limit.value


def load(root: Path, policy: str, tier: Tier, jurisdictions: Iterable[str]) -> Limits:
    """Return the effective limits of a policy for a tier and the places a model is used in.

    Raises BadInput on an unknown name, a value that is no finite number and an override looser than
    its floor, Unavailable when the platform's own file is missing.
    """
    floors = _floors(policy)
    where = f"conf/{policy}.yml"
    override = _read(root / "conf" / f"{policy}.yml", where)
    _known(where, override, {"numbers", "lists"})
    numbers = _table(where, "numbers", override.get("numbers"))
    lists = _table(where, "lists", override.get("lists"))
    _known(where, numbers, floors.numbers)
    _known(where, lists, floors.lists)
    places = tuple(jurisdictions)
    effective = {
        group: _group(f"{where}: {group}", named, numbers.get(group), tier, places)
        for group, named in floors.numbers.items()
    }
    names = {
        name: _names(f"{where}: {name}", floor, lists.get(name), tier)
        for name, floor in floors.lists.items()
    }
    return Limits(policy, floors.version, tier, effective, names)


def _group(
    where: str, floors: Mapping[str, _Floor], override: Any, tier: Tier, places: tuple[str, ...]
) -> dict[str, Limit]:
    given = _table(where, "limits", override)
    _known(where, given, floors)
    effective = {}
    for name, floor in floors.items():
        lowest = Limit(value=_floor(floor, tier, places), direction=floor.direction, source="floor")
        effective[name] = (
            _stricter(f"{where}.{name}", lowest, given[name]) if name in given else lowest
        )
    return effective


def _floor(floor: _Floor, tier: Tier, places: tuple[str, ...]) -> float:
    local = [values[tier] for place, values in floor.jurisdictions.items()
             if place in places and tier in values]  # fmt: skip
    pick = max if floor.direction == "min" else min
    return pick([floor.tiers[tier], *local])


# control: GATE-01
def _stricter(where: str, floor: Limit, value: Any) -> Limit:
    """Return the override when it is at least as strict as the floor; refuse it otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(f"{where}={value!r} is not a finite number.", remedy=REMEDY)
    looser = value < floor.value if floor.direction == "min" else value > floor.value
    if looser:
        word = "at least" if floor.direction == "min" else "at most"
        raise BadInput(
            f"{where}={value!r} is looser than the platform's floor: {word} {floor.value:g}.",
            remedy=REMEDY,
        )
    return Limit(value=float(value), direction=floor.direction, source="override")


# control: SRV-03
def _names(where: str, floor: _Names, override: Any, tier: Tier) -> tuple[str, ...]:
    base = floor.tiers[tier]
    if override is None:
        return base
    if not isinstance(override, list) or not all(isinstance(item, str) for item in override):
        raise BadInput(f"{where}={override!r} is not a list of names.", remedy=REMEDY)
    unknown = sorted(set(override) - set(floor.known))
    if unknown:
        raise BadInput(f"{where} names {unknown[0]!r}; known are {', '.join(floor.known)}.",
                       remedy=REMEDY)  # fmt: skip
    if floor.direction == "more":
        return (*base, *(name for name in dict.fromkeys(override) if name not in base))
    extra = sorted(set(override) - set(base))
    if extra:
        raise BadInput(f"{where} adds {extra[0]!r}; the platform's floor allows {', '.join(base)}.",
                       remedy=REMEDY)  # fmt: skip
    return tuple(dict.fromkeys(override))


def _known(where: str, given: Iterable[str], known: Iterable[str]) -> None:
    allowed = sorted(known)
    for name in given:
        if name not in allowed:
            raise BadInput(f"{where} names {name!r}; known are {', '.join(allowed)}.",
                           remedy=REMEDY)  # fmt: skip


def _table(where: str, what: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise BadInput(f"{where}: {what}={value!r} is not a table of names.", remedy=REMEDY)
    return value


class _Strict(yaml.SafeLoader):
    """Refuses a key given twice: YAML's usual reading would silently keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return the mapping. Raises yaml.YAMLError naming the double key."""
        keys = [str(key.value) for key, _ in node.value]
        double = sorted({key for key in keys if keys.count(key) > 1})
        if double:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {double[0]!r} stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def _read(path: Path, where: str) -> dict[str, Any]:
    """Return an override file's content; no file, or an empty one, overrides nothing."""
    try:
        text = path.read_text(encoding="utf-8")
        value = plain_yaml.load(text, _Strict)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(
            f"{where} cannot be read: {yaml_fault(error)}.", remedy="write it as UTF-8 YAML"
        ) from error
    return _table(where, "file", value)


@cache
def _floors(policy: str) -> _Policy:
    try:
        text = resources.files("redoubt.policy").joinpath(f"{policy}.yml").read_text("utf-8")
        found = _Policy.model_validate(plain_yaml.load(text, _Strict))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Unavailable(
            f"The platform's floors {policy}.yml cannot be read: {str(error).splitlines()[0]}.",
            remedy="restore platform/ with `git checkout platform`",
        ) from error
    if not all(set(values) == {1, 2, 3} for values in _tiers(found)):
        raise Unavailable(f"The platform's floors {policy}.yml lack a tier.",
                          remedy="restore platform/ with `git checkout platform`")  # fmt: skip
    return found


def _tiers(policy: _Policy) -> Iterator[Iterable[Tier]]:
    yield from (floor.tiers for named in policy.numbers.values() for floor in named.values())
    yield from (names.tiers for names in policy.lists.values())
