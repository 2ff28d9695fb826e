"""The servers that are compared, each a child on core 0; what they used is read from the kernel."""

from __future__ import annotations

import http.client
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.bench.place import HOME, Place

from redoubt import admission, bundle, processes
from redoubt.serving import loader

SERVER_CORE, CLIENT_CORE = "0", "1"
BARE = Path(__file__).with_name("bare.py")


@dataclass
class Server:
    """One running server."""

    name: str
    url: str
    path: str
    health: str
    pid: int
    started: float = 0.0

    def used(self) -> float:
        """Return the CPU seconds of all its threads and children, by the scheduler's own count."""
        return sum(_cpu(pid) for pid in family(self.pid))

    def resident(self) -> float:
        """Return the resident memory of it and its children, MiB."""
        return sum(_resident(pid) for pid in family(self.pid))


def family(pid: int) -> list[int]:
    """Return a process and everything below it."""
    found = [pid]
    for parent in found:
        with suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _cpu(pid: int) -> float:
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):
            total += int(task.read_text().split()[0])
    return total / 1e9


def _resident(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0.0


def command(name: str, place: Place, port: int) -> list[str]:
    """Return the command of a server."""
    folder = admission.folder(place.settings, loader.wanted(place.settings, None))
    if name == "redoubt":
        words = [sys.executable, "-m", "redoubt.serving", "--port", str(port)]
    elif name == "mlflow":
        words = [
            sys.executable, "-m", "mlflow", "models", "serve", "-m", str(HOME / "mlflow-model"),
            "--env-manager", "local", "-h", "127.0.0.1", "-p", str(port), "-w", "1",
        ]  # fmt: skip
    else:
        words = [sys.executable, str(BARE), name.removeprefix("bare-"), str(port), str(folder)]
    return words


def mlflow_model(place: Place) -> None:
    """Save the promoted ONNX graph as an MLflow model. It is asked for ready features, not inputs."""
    import mlflow.onnx
    import onnx

    target = HOME / "mlflow-model"
    if not target.exists():
        digest = loader.wanted(place.settings, None)
        data = bundle.load(admission.folder(place.settings, digest)).model
        mlflow.onnx.save_model(onnx.load_from_string(data), str(target), pip_requirements=[])


@contextmanager
def running(names: list[str], place: Place) -> Iterator[list[Server]]:
    """Run servers side by side for the length of a block; only one is asked at a time."""
    with ExitStack() as stack:
        yield [stack.enter_context(one(name, place)) for name in names]


@contextmanager
def one(name: str, place: Place, pinned: bool = True) -> Iterator[Server]:
    """Run one server; ``started`` is the seconds from its start to its first healthy answer.

    A start is measured with both cores, as a deployment gives them; load with one.
    """
    port = processes.free_port()
    plain = name == "mlflow"
    server = Server(
        name, f"{'http' if plain else 'https'}://127.0.0.1:{port}",
        "/invocations" if plain else "/v1/decisions", "/ping" if plain else "/readyz", 0,
    )  # fmt: skip
    start = time.perf_counter()
    with processes.running(
        (["taskset", "-c", SERVER_CORE] if pinned else []) + command(name, place, port), healthy=_healthy(server, port, plain), seconds=120,
        environment=place.environment | {"MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT": "60"},
        log=HOME / "run" / f"{name}.log",
    ) as child:  # fmt: skip
        server.started, server.pid = time.perf_counter() - start, child.pid
        yield server


def _healthy(server: Server, port: int, plain: bool) -> Callable[[], bool]:
    context = ssl._create_unverified_context()

    def ask() -> bool:
        connection = (
            http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            if plain
            else http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=context)
        )
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", server.health)
            return connection.getresponse().status == 200
        return False

    return ask


def cores() -> int:
    """Return how many cores may be used. Client and server need one each."""
    return len(os.sched_getaffinity(0))


def tool(name: str) -> bool:
    """Say whether a program is on the path."""
    return subprocess.run(["which", name], capture_output=True, check=False).returncode == 0
