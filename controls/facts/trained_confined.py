"""The fact ``trained_confined``: a training run held as a hardened container without network would be.

It is a process of its own: user 10001 without a capability, everything but ``var`` read-only, and no
interface. `seen.json` holds what it tried, how it ended, what it printed and how many candidates it made.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from redoubt.proof import NotEvaluated, confinement, fact

REMEDY = "let users make user namespaces on this machine, or run it where they may"
SECONDS = 240
SCRIPT = """\
import json, sys, tempfile
from pathlib import Path
from redoubt.proof import confinement

root = Path(sys.argv[1])
# As the task's scratch folder is: the one place for what is not kept.
tempfile.tempdir = str(root / "var" / "run")
Path(tempfile.tempdir).mkdir(exist_ok=True)
confinement.confine([root / "var"], network=False)
(root / "var" / "tried.json").write_text(json.dumps(confinement.tried(root, network=False)))

from redoubt import model, project
from redoubt.release import issuer
from redoubt.settings import Settings
from redoubt.training import train

settings = Settings(root=root)
train.train(settings, project.load(root), model.load(root), by=issuer.identity(settings, "mira"))
"""


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/policy/**",
        "platform/src/redoubt/proof/confinement.py",
        "platform/src/redoubt/training/**",
        "platform/src/redoubt/profiles/pd/**",
    ]
)
def trained_confined(snapshot: Path, copy_of: Callable[[Path], Path], work: Path) -> None:
    if why := confinement.why_not():
        raise NotEvaluated(f"This machine confines no process ({why}).", remedy=REMEDY)
    root = copy_of(snapshot)
    ended = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT, str(root)], check=False, capture_output=True,
        text=True, timeout=SECONDS, cwd=root,
    )  # fmt: skip
    seen = {
        "code": ended.returncode, "said": ended.stdout + ended.stderr,
        "tried": json.loads((root / "var" / "tried.json").read_text()),
        "candidates": len(list((root / "var" / "candidates").glob("*/model.onnx"))),
    }  # fmt: skip
    (work / "seen.json").write_text(json.dumps(seen))
