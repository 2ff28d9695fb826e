"""The fact ``catalogue``: the rooms of this project, read and typed."""

from pathlib import Path

from redoubt.proof import fact, rooms


@fact(reads=["controls/**"])
def catalogue(root: Path) -> tuple[rooms.Room, ...]:
    return rooms.read(root)
