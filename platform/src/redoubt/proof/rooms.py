"""The catalogue: rooms read from ``controls/``, typed; what a room may say is decided here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from redoubt import digests, plain_yaml
from redoubt.errors import BadInput
from redoubt.records import Tier

Level = Literal["blocking", "report", "off"]
Subject = Literal["machinery", "project", "model", "outside"]
ControlId = Annotated[str, Field(pattern=r"^[A-Z]{2,5}-\d{2}$")]
RequirementId = Annotated[str, Field(pattern=r"^[A-Z]{2,5}-\d{2}\.[1-9]\d*$")]
Words = Annotated[str, Field(min_length=3)]
SECONDS = 120


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, str_strip_whitespace=False
    )


class _Break(_Part):
    """One sabotage of a control. ``quiet`` ones must be small and leave everything else working."""

    name: Words
    quiet: bool = False


class Replace(_Break):
    """Replace a text that stands exactly once in a file."""

    kind: Literal["replace"]
    path: str
    find: Annotated[str, Field(min_length=1)]
    put: str = Field(alias="with")


class Append(_Break):
    """Add text at the end of a file."""

    kind: Literal["append"]
    path: str
    text: str


class Delete(_Break):
    """Delete a file."""

    kind: Literal["delete"]
    path: str


class AddFile(_Break):
    """Add a file that was not there."""

    kind: Literal["add-file"]
    path: str
    text: str


class Answer(_Break):
    """Render again with an answer that the questions would not give."""

    kind: Literal["answer"]
    name: str
    answer: str
    value: Any


Break = Annotated[Replace | Append | Delete | AddFile | Answer, Field(discriminator="kind")]


class Planned(_Part):
    """What a later part of the roadmap brings, and which part."""

    part: Annotated[int, Field(ge=1, le=7)]
    component: Words


class Requirement(_Part):
    """One claim, judged by tests or declared to need evidence from elsewhere.

    ``decided`` marks a claim about a model that can hold only once the model is promoted: the
    decision itself is not made on it.
    """

    id: RequirementId
    claim: Words
    subject: Subject
    decided: bool = False
    breaks: tuple[Break, ...] = ()
    result: Literal["external", "not-evaluated"] | None = None
    why: str = ""
    remedy: str = ""
    planned: Planned | None = None


class Control(_Part):
    """The whole of one ``control.yml``."""

    id: ControlId
    title: Words
    state: Literal["experimental", "active", "retired"]
    successor: ControlId | None = None
    objective: Words
    tiers: dict[Tier, Level]
    threats: tuple[str, ...]
    references: dict[str, tuple[str, ...]]
    limits: Words
    remedy: Words
    seconds: Annotated[int, Field(gt=0, le=900)] = SECONDS
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True)
class Room:
    """A folder of the catalogue: the control and where its verification lies."""

    folder: Path
    control: Control

    @property
    def id(self) -> str:
        """Return the control's id."""
        return self.control.id

    @property
    def verify(self) -> Path:
        """Return the path of the verification."""
        return self.folder / "verify.py"

    @cached_property
    def tests(self) -> dict[str, tuple[str, ...]]:
        """Return test function -> the requirement ids it proves, read without importing it."""
        return {node.name: tuple(_proves(node)) for node in self._functions}

    @cached_property
    def asks(self) -> dict[str, tuple[str, ...]]:
        """Return test function -> the fixtures that it asks for, facts among them."""
        return {node.name: tuple(one.arg for one in node.args.args) for node in self._functions}

    @cached_property
    def _functions(self) -> list[ast.FunctionDef]:
        if not self.verify.is_file():
            return []
        try:
            module = ast.parse(self.verify.read_text())
        except SyntaxError as error:
            raise BadInput(
                f"{self.verify} is not Python (line {error.lineno}).", remedy="correct it"
            ) from error
        return [
            node for node in module.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test")
        ]  # fmt: skip

    def tests_of(self, requirement: str) -> tuple[str, ...]:
        """Return the names of the tests that prove a requirement."""
        return tuple(name for name, ids in self.tests.items() if requirement in ids)

    @property
    def digest(self) -> str:
        """Return one digest of the room's files."""
        paths = [p for p in self.folder.iterdir() if p.is_file()]
        return digests.digest_files(digests.tree(self.folder, paths))


def _proves(function: ast.FunctionDef) -> Iterator[str]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and _named(decorator.func, "proves"):
            for argument in decorator.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _named(node: ast.expr, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (
        isinstance(node, ast.Attribute) and node.attr == name
    )


def read_room(folder: Path) -> Room:
    """Read one room. Raises BadInput naming the file, the field and the bad value."""
    path = folder / "control.yml"
    try:
        return Room(folder, Control.model_validate(plain_yaml.load(path.read_text())))
    except OSError as error:
        raise BadInput(f"{folder.name} has no control.yml.", remedy="restore the room") from error
    except yaml.YAMLError as error:
        text = " ".join(str(error).split())
        raise BadInput(
            f"{folder.name}/control.yml is not YAML: {text}.", remedy="correct it"
        ) from error
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        where = ".".join(map(str, item["loc"]))
        raise BadInput(
            f"{folder.name}/control.yml: {where}={item.get('input')!r}: {item['msg']}.",
            remedy="see controls/control.schema.json for what a room may say",
        ) from error


def read(root: Path, only: tuple[str, ...] = ()) -> tuple[Room, ...]:
    """Read the rooms of a project, ordered by id; ``only`` picks controls by id or folder name.

    Raises BadInput when a room does not hold what it must, or none has the asked name.
    """
    folders = sorted(path.parent for path in (root / "controls").glob("*/control.yml"))
    rooms = tuple(read_room(folder) for folder in folders)
    for name in only:
        if not any(_is(room, name) for room in rooms):
            known = ", ".join(room.id for room in rooms) or "none"
            raise BadInput(f"There is no room {name!r}.", remedy=f"use one of: {known}")
    return tuple(room for room in rooms if not only or any(_is(room, name) for name in only))


def _is(room: Room, name: str) -> bool:
    return name.rstrip("/").rpartition("/")[2] in (room.id, room.folder.name)


def schema() -> dict[str, Any]:
    """Return the JSON schema of ``control.yml``, as written to ``controls/control.schema.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Control.model_json_schema(
        by_alias=True
    )
