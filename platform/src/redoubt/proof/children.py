"""What a forked child does before it runs anything: it becomes a process of that project folder."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

from redoubt.proof import facts

OUTER = "REDOUBT_PROOF_OUTER"
REFERENCE = "REDOUBT_PROOF_REFERENCE"
MODEL = "REDOUBT_PROOF_MODEL"
HOME = "REDOUBT_PROOF_HOME"
OURS = ("redoubt", "conftest", "tests", "controls")


def enter(
    root: Path, home: Path, *, deep: bool = False, reference: bool = False, model: str = "",
    ahead: Path | None = None,
) -> None:  # fmt: skip
    """Make ``root`` the project of this process: folder, import path, environment, clean modules.

    ``home`` is the pristine project: its code leaves the path, its cached facts may be read when
    ``root`` is a broken copy, and those computed ``ahead`` for such copies; ``model`` is the digest
    that is on trial, the promoted one if empty.
    Settings of whoever started the command are kept for the fixture
    ``own`` alone, so that no test can write where they point.
    """
    own = [str(root / "platform" / "src"), str(root / "src")]
    shared = os.environ.get(facts.SHARED, "")
    theirs = {str(home / "platform" / "src"), str(home / "src"), *own}
    os.chdir(root)
    sys.path[:] = own + [entry for entry in sys.path if entry not in theirs and entry]
    outer = {key: value for key, value in os.environ.items() if key.startswith("REDOUBT_")}
    for key in outer:
        del os.environ[key]
    outer = {k: v for k, v in outer.items() if not k.startswith("REDOUBT_PROOF_")}
    os.environ[OUTER] = json.dumps(outer)
    os.environ["PYTHONPATH"] = os.pathsep.join(own)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    if root != home:
        places = (home / "var" / "proof" / "facts", ahead or "", shared)
        shared = os.pathsep.join(filter(None, map(str, places)))
        os.environ[HOME] = str(home)
        sys.dont_write_bytecode = True
    if shared:
        os.environ[facts.SHARED] = shared
    os.environ |= ({facts.DEEP: "1"} if deep else {}) | ({REFERENCE: "1"} if reference else {})
    os.environ |= {MODEL: model} if model else {}
    _forget(home)


def _forget(home: Path) -> None:
    """Drop the platform's and the team's modules; running functions keep what they hold.

    They are told by their names: to look into each of thousands of modules would copy its memory.
    """
    folders = (home / "src", home / "platform" / "src")
    ours = {entry.stem for folder in folders if folder.is_dir() for entry in folder.iterdir()}
    for name in list(sys.modules):
        if name.partition(".")[0] in ours.union(OURS):
            del sys.modules[name]
    importlib.invalidate_caches()
