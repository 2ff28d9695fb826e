"""What a plan says, for checks that only judge: resources, planned values, references, policies.

Everything here reads the JSON of ``terraform show -json``. A value that only AWS will give is not
planned yet: it is listed under :attr:`Resource.unknown`, and the configuration says what it refers to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

INDEX = re.compile(r"\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\]")
MODULE = re.compile(rf"(?:module\.\w[\w-]*(?:{INDEX.pattern})?\.)*")


@dataclass(frozen=True)
class Resource:
    """One planned resource: address, type, planned values, and how it is written."""

    address: str
    type: str
    values: Mapping[str, Any]
    unknown: Mapping[str, Any]
    expressions: Mapping[str, Any]

    def has(self, name: str) -> bool:
        """Say whether an attribute has a value, or will get one that the configuration names."""
        if name in self.unknown and self.unknown[name] is True:
            return bool(self.references(name))
        return self.values.get(name) not in (None, "", [], {})

    def references(self, name: str) -> tuple[str, ...]:
        """Return what the expression of an attribute refers to, such as ``aws_vpc.this.id``."""
        return tuple(_referred(self.expressions.get(name)))

    @property
    def module(self) -> str:
        """Return the module that it stands in, as addresses begin: ``module.network[0].``."""
        found = MODULE.match(self.address)
        return found[0] if found else ""

    def policy(self, name: str = "policy") -> list[dict[str, Any]]:
        """Return the statements of a policy that is known in the plan; none when it is not."""
        text = self.values.get(name)
        if not text:
            return []
        found = json.loads(text)["Statement"]
        return found if isinstance(found, list) else [found]


def _referred(expression: Any) -> Iterator[str]:
    if isinstance(expression, list):
        for item in expression:
            yield from _referred(item)
    elif isinstance(expression, dict):
        if isinstance(expression.get("references"), list):
            yield from expression["references"]
        else:
            for item in expression.values():
                yield from _referred(item)


@dataclass(frozen=True)
class Plan:
    """One environment's plan."""

    environment: str
    raw: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Read ``<environment>.json``, the output of ``terraform show -json``."""
        return cls(path.stem, json.loads(path.read_text()))

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Return every managed resource that would exist after an apply."""
        written = dict(_written(self.raw["configuration"]["root_module"], ""))
        return tuple(
            Resource(
                item["address"], item["type"], item["change"]["after"],
                item["change"].get("after_unknown") or {},
                written.get(INDEX.sub("", item["address"]), {}),
            )
            for item in self.raw["resource_changes"]
            if item["mode"] == "managed" and item["change"].get("after") is not None
        )  # fmt: skip

    def of(self, *types: str) -> tuple[Resource, ...]:
        """Return the resources of these types."""
        return tuple(item for item in self.resources if item.type in types)

    def like(self, pattern: str) -> tuple[Resource, ...]:
        """Return the resources whose whole type matches a pattern."""
        return tuple(item for item in self.resources if re.fullmatch(pattern, item.type))

    def referred(self, item: Resource, name: str) -> tuple[Resource, ...]:
        """Return the resources of the same module that an attribute refers to, every instance of each."""
        named = {
            item.module + ".".join(INDEX.sub("", text).split(".")[:2])
            for text in item.references(name)
        }
        return tuple(
            other for other in self.resources
            if other.module == item.module and other.module + INDEX.sub("", other.address[len(other.module):]) in named
        )  # fmt: skip

    def values(self, kind: str, name: str) -> list[Any]:
        """Return one attribute of every resource of a type; None where it is not planned."""
        return [item.values.get(name) for item in self.of(kind)]


def _written(module: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (address without indexes, expressions) of every resource below a module."""
    for item in module.get("resources", []):
        yield prefix + item["address"], item.get("expressions", {})
    for name, call in module.get("module_calls", {}).items():
        yield from _written(call["module"], f"{prefix}module.{name}.")


def provisioned(plan: Plan) -> list[str]:
    """Return the addresses, without indexes, at which Terraform would run a command of its own."""
    return list(_provisioned(plan.raw["configuration"]["root_module"], ""))


def _provisioned(module: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for item in module.get("resources", []):
        if item.get("provisioners"):
            yield prefix + item["address"]
    for name, call in module.get("module_calls", {}).items():
        yield from _provisioned(call["module"], f"{prefix}module.{name}.")


def texts(value: Any) -> Iterator[str]:
    """Yield every text inside a planned value, however deep it lies."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def named(value: Any, names: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """Yield (name, value) of every attribute with one of these names, however deep it lies."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name in names:
                yield name, item
            yield from named(item, names)
    elif isinstance(value, list):
        for item in value:
            yield from named(item, names)
