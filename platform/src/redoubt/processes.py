"""Start a child server on loopback, wait for its health, and stop only that child."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from redoubt.errors import Unavailable


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def child_environment(root: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a child: this project's own code comes first on its path.

    The code that is running now comes after it, so that a child can always import what we can.
    """
    running = Path(__file__).resolve().parents[1]
    paths = [str(root / "platform" / "src"), str(root / "src"), str(running)]
    if inherited := os.environ.get("PYTHONPATH"):
        paths.append(inherited)
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)} | dict(extra or {})


def waiting(module: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start ``python -m module`` as a child that is asked on its standard input."""
    return subprocess.Popen(
        [sys.executable, "-m", module], env=dict(environment) if environment else None,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@contextmanager
def running(
    command: Sequence[str],
    *,
    healthy: Callable[[], bool],
    environment: Mapping[str, str],
    log: Path,
    seconds: float = 30.0,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server for the length of the block.

    Raises Unavailable with the end of its log when it exits or is not healthy in time.
    """  # fmt: skip
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        child = subprocess.Popen(
            list(command), env=dict(environment), stdout=stream, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            _await(child, healthy, log, seconds)
            yield child
        finally:
            stop(child)


def _await(
    child: subprocess.Popen[bytes], healthy: Callable[[], bool], log: Path, seconds: float
) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child.poll() is not None:
            break
        if healthy():
            return
        time.sleep(0.02)
    tail = log.read_text(errors="replace")[-2000:].strip()
    state = "is not healthy" if child.poll() is None else f"exited with {child.returncode}"
    raise Unavailable(f"The server {state}: {tail or 'it printed nothing'}",
                      remedy=f"read {log}")  # fmt: skip


def stop(child: subprocess.Popen[bytes], seconds: float = 10.0) -> None:
    """End a child politely, then firmly; never anybody else's process."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
