"""The register: what each control promised when it was released, kept away from the rooms themselves.

Whoever empties a room can edit ``controls/lock.json`` in the same folder. The register lies in the
platform package, which other people review, and says of each requirement who proves it: a claim
that was declared away, a lowered level and a test that is gone are named whatever the lock says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from redoubt import files
from redoubt.proof import rooms
from redoubt.proof.results import Finding
from redoubt.proof.rooms import Room

NAME = "platform/src/redoubt/proof/register.json"
# control: DEV-07
# Words, and sabotages (which `prove` runs), may be bettered without a promise changing.
WORDS = {"title", "objective", "threats", "references", "limits", "remedy", "seconds",
         "requirements", "claim", "why", "breaks"}  # fmt: skip
REMEDY = (
    "take the change of the room back; what a control promises changes in a release of the "
    "template only, and a gap is accepted for a time by a waiver"
)
Promises = dict[str, dict[str, Any]]


# control: DEV-07
def of(catalogue: Iterable[Room]) -> Promises:
    """Return what each control and each of its requirements promises, by id."""
    found: Promises = {}
    for room in catalogue:
        found[room.id] = _promised(room.control)
        for item in room.control.requirements:
            tests = sorted(room.tests_of(item.id))
            found[item.id] = _promised(item) | {"tests": tests}
    return found


def _promised(part: rooms.Control | rooms.Requirement) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(part.model_dump_json(exclude_defaults=True))
    return {name: value for name, value in said.items() if name not in {*WORDS, "id"}}


def read(root: Path) -> Promises | None:
    """Read a project's register; None when it is missing or not one."""
    try:
        value = json.loads((root / NAME).read_bytes())
    except (OSError, ValueError):
        return None
    whole = isinstance(value, dict) and all(isinstance(said, dict) for said in value.values())
    return value if whole else None


# control: DEV-07
def check(root: Path, catalogue: Iterable[Room]) -> list[Finding]:
    """Name every promise of the register that the rooms do not make, and each that it lacks."""
    held = read(root)
    if held is None:
        return [Finding("register", f"{NAME} is missing or cannot be read.", REMEDY)]
    return [Finding("register", text, REMEDY) for text in differences(held, of(catalogue))]


# control: DEV-07
def differences(held: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each id that is only on one side, and each value that differs."""
    for name in sorted(held.keys() | here.keys()):
        if name not in here:
            yield f"{name} is in the register and not in its room."
        elif name not in held:
            yield f"{name} is not in the register."
        else:
            for part in sorted(held[name].keys() | here[name].keys()):
                then, now = held[name].get(part), here[name].get(part)
                if then != now:
                    yield f"{name}: {part} is {now!r}; the register says {then!r}."


def write(repository: Path) -> Path:
    """Write the register of this template, one line an id."""
    promises = of(rooms.read(repository))
    lines = (f"{json.dumps(name)}: {json.dumps(said)}" for name, said in promises.items())
    path = repository / NAME
    files.write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")
    return path
