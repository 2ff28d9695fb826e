"""What of a plan keeps something, and under which key: the list is ``storage.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import yaml

from redoubt.infra.reading import Plan, Resource
from redoubt.infra.separation import account, given

Path = tuple[str, ...]


def listed() -> dict[str, Any]:
    """Return the list as it is written: "keeps" and "nothing"."""
    text = resources.files("redoubt.infra").joinpath("storage.yml").read_text()
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def unknown(plan: Plan) -> list[str]:
    """Return the addresses whose type is in neither part of the list."""
    table = listed()
    nothing = re.compile("|".join(f"(?:{pattern})" for pattern in table["nothing"]))
    return [item.address for item in plan.resources
            if item.type not in table["keeps"] and not nothing.fullmatch(item.type)]  # fmt: skip


def keys(plan: Plan) -> set[str]:
    """Return the ARNs of the project's own keys: those of the plan, and those a landing zone lends.

    A planned key's ARN is the stand-in that ends with its purpose.
    """
    start = f"arn:aws:kms:{given(plan, 'region')}:{account(plan)}:key/"
    lent = (given(plan, "landing_zone") or {}).get("keys") or {}
    made = {
        start + item.address.split('"')[1] for item in plan.of("aws_kms_key") if '"' in item.address
    }
    return made | set(lent.values())


def named(plan: Plan) -> Iterator[tuple[Resource, str, list[Any]]]:
    """Yield (resource, attribute, keys that it names) of everything that keeps something.

    A block may stand more than once, so there may be several keys; None stands for an absent one.
    """
    table = listed()["keeps"]
    for item in plan.resources:
        for attribute in table.get(item.type, []):
            yield item, attribute, at(item, attribute)


def at(item: Resource, attribute: str) -> list[Any]:
    """Return what stands at ``block.attribute``, once a block; [None] when it stands nowhere."""
    return list(_found(item.values, tuple(attribute.split(".")))) or [None]


def _found(value: Any, path: Path) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _found(one, path)
    elif not path:
        yield value or None
    elif isinstance(value, Mapping):
        yield from _found(value.get(path[0]), path[1:])
    else:
        yield None
