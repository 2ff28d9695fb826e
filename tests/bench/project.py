"""How long a person waits: rendering, updating, the demonstration, verifying, proving rooms."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.place import HOME, REPOSITORY, Place, copier, files, render, timed

ROUNDS = 5
SIX = 6
Say = Callable[[str], None]


def template() -> Path:
    """Clone this checkout's commit, tag it, and tag a second version that differs in four files."""
    folder = HOME / "template"
    shutil.rmtree(folder, ignore_errors=True)
    timed(["git", "clone", "-q", "--no-tags", str(REPOSITORY), str(folder)], HOME)
    _git(folder, "tag", "v0.0.1")
    for name in ("clock", "errors", "digests", "files"):
        path = folder / "platform" / "src" / "redoubt" / f"{name}.py"
        path.write_text(path.read_text() + "\n# A later version.\n")
    _git(folder, "commit", "-qam", "feat: change four files")
    _git(folder, "tag", "v0.0.2")
    return folder


def _git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=bench", "-c", "user.email=bench@example.invalid")
    timed(["git", *who, *words], folder)


def rendering(say: Say) -> dict[str, Any]:
    """Return seconds to render and to update, alternating, and the number of files."""
    source, renders, updates = template(), [], []
    old, new = HOME / "updated", HOME / "rendered"
    for number in range(ROUNDS):
        say(f"render and update, round {number + 1} of {ROUNDS}")
        renders.append(render(source, new, "v0.0.2"))
        render(source, old, "v0.0.1")
        _git(old, "init", "-q")
        _git(old, "add", "-A")
        _git(old, "commit", "-qm", "feat: start")
        words = ("update", "--defaults", "--quiet", "--vcs-ref", "v0.0.2", str(old))
        updates.append(timed(copier(*words), HOME))
    ratios = sorted(update / render_ for update, render_ in zip(updates, renders, strict=True))
    return {
        "files": files(new), "render": median(renders), "update": median(updates),
        "ratio": [median(ratios), ratios[0], ratios[-1]],
    }  # fmt: skip


def demonstration(place: Place, say: Say) -> dict[str, Any]:
    """Render a project and run its demo, which leaves a promoted model; return the seconds."""
    say("render a project and run its demo")
    render(REPOSITORY, place.root)
    return {"demo": place.redoubt("demo")}


def proving(place: Place, say: Say) -> dict[str, Any]:
    """Return seconds of verify, first and again, and of proving six rooms both ways."""
    shutil.rmtree(place.settings.state / "proof", ignore_errors=True)
    six = _rooms(place)[:SIX]
    words = {"verify": ("verify",), "verify again": ("verify",), "prove six": ("prove", *six)}
    return {"six": six} | _judged(place, words, say)


def catalogue(place: Place, say: Say) -> dict[str, Any]:
    """Return seconds of proving all rooms both ways, from facts that are not cached."""
    shutil.rmtree(place.settings.state / "proof", ignore_errors=True)
    rooms = _rooms(place)
    return {"rooms": len(rooms)} | _judged(place, {"prove all": ("prove", *rooms)}, say)


def _judged(place: Place, words: dict[str, tuple[str, ...]], say: Say) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, verb in words.items():
        say(name)
        found[name], green = place.judged(*verb)
        if not green:
            found.setdefault("not green", []).append(name)
    return found


def _rooms(place: Place) -> list[str]:
    """Return the ids of the project's rooms in their order."""
    found = (path.parent.name for path in (place.root / "controls").glob("*/control.yml"))
    return ["-".join(name.split("-")[:2]) for name in sorted(found)]
