"""The fact ``inspected``: verifies a small project, healthy or with one thing wrong in it.

Its one room has no test, so a verification finds only what no room can see. Each trouble is named
after what its finding is about; every change of a platform file but the first is put into the lock.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from redoubt import digests
from redoubt.proof import evidence, fact, lock, register, verify
from redoubt.settings import Settings

ROOM, WAIVERS = "controls/NET-01-a-room/control.yml", "controls/waivers.yml"
CONTROL = """\
id: NET-01
title: A control
state: active
objective: It holds.
tiers: {1: blocking, 2: blocking, 3: blocking}
threats: []
references: {}
limits: It is tiny.
remedy: Restore it.
requirements:
  - {id: NET-01.1, claim: It holds., subject: outside, result: external, why: It is elsewhere., remedy: Attach it.}
"""
FILES = {ROOM: CONTROL, WAIVERS: "waivers: []\n", "controls/families.yml": "NET: Network\n",
         "controls/frameworks.yml": "{}\n", "src/workbench/__init__.py": "",
         register.NAME: "{}\n"}  # fmt: skip
NEEDS_NOBODY = '''\
"""A fact that needs what nobody hands out."""
from redoubt.proof import fact


@fact(reads=[])
def lost(nobody): ...
'''
UNAPPROVED = """\
waivers:
  - {id: RISK-1, requirement: NET-01.1, scope: project, expires: 2099-01-01, requester: mira,
     justification: It comes in spring., compensating: A person looks each night.}
"""
Found = tuple[list[str], int]


def _write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def _change(root: Path, name: str, old: str, new: str) -> None:
    _write(root, name, (root / name).read_text().replace(old, new))


def _judged(root: Path, *controls: str) -> None:
    """Leave the history of a run that knew these controls."""
    evidence.close(evidence.Occasion.begin(Settings(root=root), "verify", []), [], {}, controls)


def _tear_history(root: Path) -> None:
    _judged(root, "NET-01")
    _judged(root, "NET-01")
    path = root / "var" / "evidence" / evidence.INDEX
    path.write_text(path.read_text().replace("NET-01", "NET-02", 1))


TROUBLES: dict[str, Callable[[Path], object]] = {
    "lock": lambda root: _change(root, "controls/families.yml", "Network", "Net"),
    "register": lambda root: _change(root, ROOM, "1: blocking", "1: report"),
    "update": lambda root: _write(root, "notes.md", "<<<<<<< before updating\n"),
    "update, package": lambda root: (root / "src" / "workbench").rename(root / "src" / "w"),
    "tier": lambda root: _change(root, "project.yml", "rendered_tier: 1", "rendered_tier: 3"),
    "NET-09": lambda root: _judged(root, "NET-01", "NET-09"),
    "evidence": _tear_history,
    "NET-01": lambda root: _change(root, ROOM, "why: It is elsewhere.", 'why: ""'),
    "facts": lambda root: _write(root, "controls/facts/lost.py", NEEDS_NOBODY),
}
WAIVED: dict[str, Callable[[Path], object]] = {
    "waivers, not approved": lambda root: _write(root, WAIVERS, UNAPPROVED),
    "waivers, unreadable": lambda root: _write(root, WAIVERS, "waivers: 3\n"),
}


def _lock(root: Path) -> None:
    names = [path.relative_to(root).as_posix() for path in lock.below(root / "controls")]
    value = {"controls": {"NET-01": {}}, "closed": ["controls/"], "open": [WAIVERS],
             "files": {name: digests.digest_file(root / name) for name in names
                       if name not in (WAIVERS, lock.NAME)}}  # fmt: skip
    (root / lock.NAME).write_text(json.dumps(value))


class Inspection:
    """Each method verifies private copies of the project: whom findings are about, the exit code."""

    def __init__(self, workbench: Path, copy_of: Callable[[Path], Path]) -> None:
        self._workbench, self._copy_of = workbench, copy_of

    def healthy(self) -> Found:
        return self._verified(self._project())

    def troubled(self) -> Iterator[tuple[str, Found]]:
        """Yield whom the one finding must be about, and what was found, for each trouble."""
        yield from self._each(TROUBLES)

    def waived(self) -> Iterator[tuple[str, Found]]:
        """Yield the same for waivers that do not act."""
        yield from self._each(WAIVED)

    def _each(self, troubles: dict[str, Callable[[Path], object]]) -> Iterator[tuple[str, Found]]:
        for name, trouble in troubles.items():
            root = self._project()
            trouble(root)
            if name != "lock":
                _lock(root)
            yield name.partition(",")[0], self._verified(root)

    def _project(self) -> Path:
        root = self._copy_of(self._workbench)
        for name, text in FILES.items():
            _write(root, name, text)
        _change(root, "project.yml", "rendered_tier: 3", "rendered_tier: 1")
        register.write(root)
        _lock(root)
        return root

    def _verified(self, root: Path) -> Found:
        report, _ = verify.verify(Settings(root=root), root / "var" / "out")
        return [item.about for item in report.findings], report.exit_code(strict=False)


@fact(reads=["platform/src/redoubt/proof/**"])
def inspected(workbench: Path, copy_of: Callable[[Path], Path]) -> Inspection:
    return Inspection(workbench, copy_of)
