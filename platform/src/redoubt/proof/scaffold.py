"""``redoubt control new``: a room that is red until somebody fills it in."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from redoubt import files
from redoubt.errors import BadInput
from redoubt.proof import catalogue, lock, register, rooms

CONTROL = """\
id: {id}
title: {title}
state: experimental
objective: "FILL IN: one sentence, from the control's row"
tiers: {{1: blocking, 2: blocking, 3: blocking}}
threats: []
references: {{}}
limits: "FILL IN: what a green result does not show"
remedy: "FILL IN: what to do when it is red, at most three sentences"
requirements:
  - id: {id}.1
    claim: "FILL IN: what is true when this is green"
    subject: machinery
    breaks:
      - name: "FILL IN: how an adversary would weaken it"
        quiet: true
        kind: replace
        path: platform/src/redoubt/FILL_IN.py
        find: "FILL IN: a text that stands there once"
        with: "FILL IN: at most three other lines"
"""
VERIFY = '''\
"""{id}: {title}."""

from redoubt.proof import proves


@proves("{id}.1")
def test_what_must_hold() -> None:
    healthy, attacked = False, True  # ask a fact; the healthy twin first, then the attack
    assert healthy, "{id}.1 is not filled in"
    assert not attacked
'''


def new(root: Path, control: str, slug: str) -> Path:
    """Write a new room and return its folder.

    Raises BadInput on a malformed id or slug, an unknown family, and on an id that was ever used: none is used twice.
    """
    if not re.fullmatch(r"[A-Z]{2,5}-\d{2}", control):
        raise BadInput(f"{control!r} is no control id.", remedy="write FAMILY-NN, such as NET-01")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
        raise BadInput(f"{slug!r} is no slug.", remedy="write the claim as no-internet-route")
    known = catalogue.Declared.read(root / "controls").families
    if control.partition("-")[0] not in known:
        raise BadInput(f"{control} is of no family in controls/families.yml.",
                       remedy=f"take one of {', '.join(known)}")  # fmt: skip
    _unused(root, control)
    folder = root / "controls" / f"{control}-{slug}"
    title = slug.replace("-", " ").capitalize()
    files.write_text(folder / "control.yml", CONTROL.format(id=control, title=title))
    files.write_text(folder / "verify.py", VERIFY.format(id=control, title=title))
    return folder


def _unused(root: Path, control: str) -> None:
    """Refuse an id of a room that is here, or was when the lock or the register was written."""
    held: dict[str, Collection[str]] = {
        "controls/": {room.id for room in rooms.read(root)},
        lock.NAME: (lock.read(root) or {}).get("controls", {}),
        register.NAME: register.read(root) or {},
    }
    for where, ids in held.items():
        if control in ids:
            family = f"{control.partition('-')[0]}-"
            used = {int(name[len(family):]) for ids in held.values() for name in ids
                    if name.startswith(family) and "." not in name}  # fmt: skip
            raise BadInput(f"{control} stands in {where}; an id is never used twice.",
                           remedy=f"take {family}{max(used) + 1:02d}")  # fmt: skip
