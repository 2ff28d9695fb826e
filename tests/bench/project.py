"""How long a person waits: rendering, updating, the demonstration, verifying, proving rooms."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.place import HOME, REPOSITORY, Place, copier, files, render, timed

from redoubt.proof import rooms

ROUNDS = 5
SIX = ("DAT-01", "DEV-07", "GATE-01", "GATE-02", "GATE-09", "GATE-10")
SECONDS = re.compile(r"^(.*?): .* ?\((\d+\.\d) s\)$", re.M)
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
    words = {"verify": ("verify",), "verify again": ("verify",), "prove six": ("prove", *SIX)}
    return {"six": SIX} | _judged(place, words, say)


def catalogue(place: Place, say: Say) -> dict[str, Any]:
    """Return seconds of proving all rooms both ways, from facts that are not cached."""
    shutil.rmtree(place.settings.state / "proof", ignore_errors=True)
    every = rooms.read(place.root)
    say("prove all")
    seconds, green, said = place.judged("prove", *(room.id for room in every))
    found = {"rooms": len(every), "prove all": seconds, "not green": [] if green else ["prove all"]}
    return found | _of_terraform(every, said)


def _of_terraform(every: Sequence[rooms.Room], said: str) -> dict[str, Any]:
    """Return how many sabotages are of Terraform, and how long one takes, three at once on two cores."""
    ours = {
        f"{requirement.id} «{item.name}»"
        for room in every for requirement in room.control.requirements for item in requirement.breaks
        if not isinstance(item, rooms.Answer) and item.path.startswith("infra/")
    }  # fmt: skip
    took = {name: float(seconds) for name, seconds in SECONDS.findall(said)}
    alone = [took[name] for name in ours]
    # Planned before, many at once: each has its share of that.
    share = sum(s for name, s in took.items() if "-together-" in name) / len(ours)
    return {
        "terraform": {
            "count": len(ours),
            "median": median(alone) + share,
            "longest": max(alone) + share,
        }
    }


def _judged(place: Place, words: dict[str, tuple[str, ...]], say: Say) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, verb in words.items():
        say(name)
        found[name], green, _ = place.judged(*verb)
        if not green:
            found.setdefault("not green", []).append(name)
    return found
