"""``proof.json``: when each control was last proven both ways, and what each sabotage turned red.

The release ships its own in ``controls/``; a project that proves keeps one in ``var/proof/``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from redoubt import __version__, clock, files
from redoubt.proof import context, lock
from redoubt.proof.prove import Proof
from redoubt.proof.rooms import Room

LOCAL = "var/proof/proof.json"


@dataclass(frozen=True)
class Proven:
    """When a room was last proven both ways, and whether that still speaks of what is here."""

    at: datetime
    release: str
    sabotages: int
    same_room: bool
    same_platform: bool
    local: bool
    red: dict[str, tuple[str, ...]]


def record(proofs: Iterable[Proof], path: Path, root: Path) -> None:
    """Keep the outcome of rooms that are proven; one that is not loses its entry."""
    value = _read(path)
    for proof in proofs:
        if any(proof.failures()):
            value["rooms"].pop(proof.room.id, None)
        else:
            value["rooms"][proof.room.id] = _entry(proof, root)
    value["rooms"] = dict(sorted(value["rooms"].items()))
    files.write_text(path, json.dumps(value, indent=1) + "\n")


def _entry(proof: Proof, root: Path) -> dict[str, Any]:
    return {
        "at": clock.now().isoformat(),
        "release": __version__,
        "room": proof.room.digest,
        "platform": context.locked(root),
        "tests": sorted(proof.green),
        "breaks": [
            {
                "requirement": item.requirement,
                "name": item.name,
                "kind": item.kind,
                "quiet": item.quiet,
                "red": list(item.red),
                "not_reproduced": item.skipped or None,
            }
            for item in sorted(proof.breaks, key=lambda item: item.log)
        ],
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
        return value if isinstance(value.get("rooms"), dict) else {"rooms": {}}
    except (OSError, ValueError, AttributeError):
        return {"about": "Written by `redoubt prove`: never edit it.", "rooms": {}}


def last(root: Path, room: Room) -> Proven | None:
    """Return the newest proof of a room, preferring one that speaks of the room as it is."""
    platform = context.locked(root)
    found = [
        proven
        for name, local in ((lock.PROOF, False), (LOCAL, True))
        if (entry := _read(root / name)["rooms"].get(room.id))
        for proven in [_proven(entry, room, platform, local)]
    ]
    return max(found, key=lambda item: (item.same_room, item.at), default=None)


def _proven(entry: dict[str, Any], room: Room, platform: str | None, local: bool) -> Proven:
    return Proven(
        datetime.fromisoformat(entry["at"]), entry["release"], len(entry["breaks"]),
        entry["room"] == room.digest, entry["platform"] == platform, local,
        {f"{item['requirement']} {item['name']}": tuple(item["red"]) for item in entry["breaks"]},
    )  # fmt: skip
