"""The fact ``confined``: the released model, served by a process as a hardened container would hold it.

It is user 10001 without a capability, and everything but the project's ``var`` is read-only.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from redoubt.proof import NotEvaluated, confinement, fact
from redoubt.serving import __main__ as command

if TYPE_CHECKING:
    from facts.launch import Started

REMEDY = "let users make user namespaces on this machine, or run it where they may"


class Confined:
    """The running service, what its process is to Linux, and what it tried before it began."""

    def __init__(self, started: Started) -> None:
        self.started, self.service = started, started.service
        self.state = started.settings.state
        self.tried: dict[str, str] = json.loads((self.state / "tried.json").read_text())

    def status(self, name: str) -> str:
        """Return a line of ``/proc/PID/status``, such as ``CapEff``."""
        lines = Path(f"/proc/{self.started.pid}/status").read_text().splitlines()
        (found,) = (line for line in lines if line.startswith(f"{name}:"))
        return found.partition(":")[2].strip()

    def limit(self, name: str) -> list[str]:
        """Return soft and hard limit of the running process, such as of ``Max core file size``."""
        lines = Path(f"/proc/{self.started.pid}/limits").read_text().splitlines()
        (found,) = (line for line in lines if line.startswith(name))
        return found.removeprefix(name).split()[:2]

    def recorded(self) -> str:
        """Return the decision log as it stands on disk."""
        return "".join(p.read_text() for p in sorted((self.state / "decisions").glob("*.jsonl")))


def _inside(root: Path, serve: Callable[[], int]) -> Callable[[], int]:
    def main() -> int:
        # As the task's scratch folder is: the one place for what is not kept.
        tempfile.tempdir = str(root / "var" / "run")
        Path(tempfile.tempdir).mkdir(exist_ok=True)
        confinement.confine([root / "var"])
        (root / "var" / "tried.json").write_text(json.dumps(confinement.tried(root)))
        return serve()

    return main


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/policy/**",
        "platform/src/redoubt/proof/confinement.py",
        "platform/src/redoubt/serving/**",
        "platform/src/redoubt/profiles/pd/reference/**",
    ]
)
def confined(
    released: Path,
    copy_of: Callable[[Path], Path],
    launch: Callable[..., AbstractContextManager[Any]],
) -> Iterator[Confined]:
    if why := confinement.why_not():
        raise NotEvaluated(f"This machine confines no process ({why}).", remedy=REMEDY)
    root = copy_of(released)
    with mock.patch.object(command, "main", _inside(root, command.main)), launch(root) as started:
        if not (started.settings.state / "tried.json").exists():
            raise RuntimeError(f"the process was not confined: {started.output[-2000:]}")
        yield Confined(started)
