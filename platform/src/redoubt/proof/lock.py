"""``controls/lock.json``: the digest of every platform file that is the same in every project.

A team that edits, deletes or adds one is told which. A team that edits the lock too is found by
``redoubt audit``, which compares with a render of its own.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redoubt import __version__, digests, files, plain_yaml
from redoubt.errors import Refused
from redoubt.proof import register, rooms
from redoubt.proof.results import Finding

NAME = "controls/lock.json"
MARK = re.compile(r"control: ([A-Z]{2,5}-\d{2})\b")
PROOF = "controls/proof.json"
IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".terraform"}
# What `_exclude` of copier.yml leaves in the template; a test compares the lock with a render.
UNRENDERED = re.compile(r"infra/modules/[^/]+/(tests/|\.terraform\.lock\.hcl$)")
# Copier carries a committed edit over to the next release, so an update restores nothing.
RESTORE = (
    "restore it with `git checkout`; if the change is committed, revert that commit "
    "(`git log -- FILE` names it), because `copier update` would keep it"
)


@dataclass(frozen=True)
class Ownership:
    """The two columns of ``ownership.yml``: patterns as in CODEOWNERS, the last match counts."""

    rows: tuple[tuple[str, str], ...]
    unlocked: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path) -> Ownership:
        """Read the list. ``unlocked`` rows differ from project to project."""
        rows = plain_yaml.load(path.read_text())["paths"]
        unlocked = frozenset(row["path"].lstrip("/") for row in rows if row.get("unlocked"))
        return cls(tuple((row["path"].lstrip("/"), row["class"]) for row in rows), unlocked)

    def owner(self, path: str) -> str:
        """Return P or T of a path, or an empty text when no row names it."""
        found = ""
        for pattern, owner in self.rows:
            if matches(pattern, path):
                found = owner
        return found

    def folders(self, owner: str) -> list[str]:
        """Return the rows of a class that name whole folders."""
        return [pattern for pattern, who in self.rows if who == owner and pattern.endswith("/")]


def matches(pattern: str, path: str) -> bool:
    """Say whether a row of the ownership list covers a path; a folder covers all below it."""
    if pattern.endswith("/"):
        return path.startswith(pattern)
    parts = path.split("/")
    return len(parts) == pattern.count("/") + 1 and fnmatch.fnmatchcase(path, pattern)


def below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, through links, without caches."""
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(set(folders) - IGNORED)
        for name in sorted(names):
            if not name.endswith((".pyc", ".pyo")):
                yield Path(place) / name


def build(repository: Path) -> dict[str, Any]:
    """Return the lock of this template: files that are rendered as they are and owned by P.

    Raises Refused when a control of the lock before is gone without having been retired.
    """
    template = repository / "template"
    owners = Ownership.read(repository / "ownership.yml")
    named = {
        path.relative_to(template).as_posix(): path
        for path in below(template)
        if path.suffix != ".jinja"
        and "{{" not in str(path.relative_to(template))
        and not UNRENDERED.match(path.relative_to(template).as_posix())
    }
    verbatim = {
        name: digests.digest_file(path)
        for name, path in named.items()
        if owners.owner(name) == "P" and name not in owners.unlocked | {NAME, PROOF}
    }
    closed = [f for f in owners.folders("P") if any(name.startswith(f) for name in verbatim)]
    catalogue = _controls(repository)
    _keep_ids(read(repository) or {}, catalogue)
    return {
        "about": "Digests of the platform's files. Written by the platform: never edit it.",
        "release": __version__,
        "controls": catalogue,
        "closed": closed,
        "open": [
            row for row, who in owners.rows
            if row.startswith(tuple(closed)) and (who == "T" or row in owners.unlocked - {NAME, PROOF})
        ],
        "files": dict(sorted(verbatim.items())),
        "marks": {name: ids for name in sorted(verbatim) if (ids := _marks(name, named[name]))},
    }  # fmt: skip


# control: MON-06
def _marks(name: str, path: Path) -> list[str]:
    """Return the controls whose marks stand in a file; of a room its path says enough."""
    if name.startswith("controls/"):
        return []
    return sorted(set(MARK.findall(path.read_text(errors="ignore"))))


def _controls(root: Path) -> dict[str, Any]:
    return {
        room.id: {
            "digest": room.digest,
            "state": room.control.state,
            "tiers": {str(tier): level for tier, level in sorted(room.control.tiers.items())},
        }
        for room in rooms.read(root)
    }


# control: DEV-07
def _keep_ids(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse a release in which a published control id is simply gone."""
    gone = sorted(set(before.get("controls", {})) - set(now))
    if gone:
        raise Refused(
            f"{', '.join(gone)}: published before, and not in the catalogue now.",
            remedy="keep the room with `state: retired` and its successor; an id is never dropped",
        )


def read(root: Path) -> dict[str, Any] | None:
    """Read a project's lock; None when it is missing or not one."""
    try:
        value = json.loads((root / NAME).read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("files"), dict) else None


def check(root: Path) -> list[Finding]:
    """Name every platform file that is edited, missing or extra, and every control that is gone."""
    locked = read(root)
    if locked is None or not locked.keys() >= {"closed", "open"}:
        return [Finding("lock", f"{NAME} is missing or cannot be read.", RESTORE)]
    return [*_files(root, locked), *_ids(root, locked)]


# control: DEV-07
def _files(root: Path, locked: Mapping[str, Any]) -> Iterator[Finding]:
    expected: dict[str, str] = locked["files"]
    for name, digest in expected.items():
        path = root / name
        if not path.is_file():
            yield Finding("lock", f"{name} is missing.{_kept(name, locked)}", RESTORE)
        elif digests.digest_file(path) != digest:
            yield Finding("lock", f"{name} was edited.{_kept(name, locked)}", RESTORE)
    for name in _extra(root, locked):
        yield Finding(
            "lock", f"{name} is not a file of the platform.", "move it to a folder of yours"
        )


# control: MON-06
def _kept(name: str, locked: Mapping[str, Any]) -> str:
    """Return a sentence about the controls that lines of a file keep, as the release marked them."""
    ids = locked.get("marks", {}).get(name, [])
    return f" Lines of it keep {', '.join(ids)}." if ids else ""


# control: DEV-07
def _extra(root: Path, locked: Mapping[str, Any]) -> Iterator[str]:
    known = {*locked["files"], NAME, PROOF}
    for folder in locked["closed"]:
        for path in below(root / folder):
            name = path.relative_to(root).as_posix()
            if name not in known and not any(matches(row, name) for row in locked["open"]):
                yield name


# control: DEV-07
def _ids(root: Path, locked: Mapping[str, Any]) -> Iterator[Finding]:
    here = {path.parent.name for path in (root / "controls").glob("*/control.yml")}
    for control in locked.get("controls", {}):
        if not any(name.startswith(f"{control}-") for name in here):
            yield Finding(control, f"The room of {control} is gone.", RESTORE)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each control that an update added, retired, removed or changed."""
    old, new = before.get("controls", {}), after.get("controls", {})
    found = [f"{name}: added" for name in sorted(new.keys() - old.keys())]
    found += [f"{name}: REMOVED" for name in sorted(old.keys() - new.keys())]
    for name in sorted(old.keys() & new.keys()):
        a, b = old[name], new[name]
        if a["state"] != b["state"]:
            found.append(f"{name}: {a['state']} is now {b['state']}")
        for tier in sorted(a["tiers"].keys() | b["tiers"].keys()):
            if a["tiers"].get(tier) != b["tiers"].get(tier):
                found.append(
                    f"{name}: tier {tier} was {a['tiers'].get(tier)}, is {b['tiers'].get(tier)}"
                )
        if a["digest"] != b["digest"]:
            found.append(f"{name}: its room changed")
    return found


def write(repository: Path) -> Path:
    """Write the register of this template, and the lock over it and every other platform file."""
    register.write(repository)
    path = repository / NAME
    files.write_text(path, json.dumps(build(repository), indent=1, sort_keys=True) + "\n")
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{write(Path.cwd())}\n")
