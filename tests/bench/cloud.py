"""How long the private cloud takes on an AWS emulator: production planned, applied, planned again, destroyed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.place import REPOSITORY, ran

KEPT = REPOSITORY / "var" / "infra" / "applied"
TESTS = "tests/infra/test_applied.py"


def applied(say: Callable[[str], None]) -> dict[str, Any]:
    """Run the tests of the applied environment anew; return its resources and seconds by step."""
    say("apply production to an AWS emulator and destroy it")
    shutil.rmtree(KEPT, ignore_errors=True)
    source = str(REPOSITORY / "platform" / "src")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = os.environ | {"PYTHONPATH": source, "PATH": path}
    command = [sys.executable, "-m", "pytest", "-q", TESTS]
    _, code, _ = ran(command, REPOSITORY, environment, (0, 1))
    (kept,) = KEPT.glob("*.json")
    record = json.loads(kept.read_text())
    found = {"resources": len(record["resources"]), "seconds": record["seconds"]}
    return found | {"green": code == 0, "load": record["load"]}
