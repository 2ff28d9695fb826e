"""What checkov says of the measured project: its files, and the plan of its production."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.place import REPOSITORY, Place

from redoubt.infra import sandbox, scan, skips
from redoubt.infra.scan import Report
from redoubt.workshop import environments


def measure(place: Place, say: Callable[[str], None]) -> dict[str, Any]:
    """Return {files, plan: {resources, passed, failed, skipped, seconds}}, lines of the list and its checkov.

    Skipped is what failed and a line of infra/skips.yml names; nothing is hidden from the scanner itself.
    """
    checkov = environments.ensure(REPOSITORY, "scan", say).with_name("checkov")
    infra = place.root / "infra"
    listed = skips.read(infra / skips.FILE)
    with tempfile.TemporaryDirectory() as work:
        one, two = Path(work, "files"), Path(work, "plan")
        say("scan: files")
        started = time.perf_counter()
        files = scan.files(checkov, infra, _made(one))
        between = time.perf_counter()
        say("scan: plan of production")
        planned = sandbox.plan(infra, "production", _made(two))
        ready = time.perf_counter()
        plan = scan.plan(checkov, planned, infra / scan.POLICIES, two)
        ended = time.perf_counter()
    return {
        "files": _counts(files, listed, plan=False) | {"seconds": between - started},
        "plan": _counts(plan, listed, plan=True) | {"seconds": ended - ready},
        "lines": len(listed),
    }


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _counts(found: Report, listed: tuple[skips.Skip, ...], *, plan: bool) -> dict[str, int]:
    skipped = [item for item in found.failed if skips.excused(item, listed, plan=plan)]
    return {
        "resources": found.resources, "passed": found.passed,
        "failed": len(found.failed) - len(skipped), "skipped": len(skipped),
    }  # fmt: skip
