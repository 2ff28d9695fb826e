"""Two cores: a parent that has imported the heavy libraries forks one child a task.

A child works in a process group of its own; when its time is over, it, its group and everything
it started are ended by process id, and nobody else.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import inspect
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

HEAVY = (
    "numpy", "pandas", "pandera.pandas", "pyarrow.csv", "pyarrow.parquet", "sklearn.ensemble", "skl2onnx", "onnxruntime", "mlflow",
    "mlflow.tracking", "mlflow.store.tracking.sqlalchemy_store", "mlflow.data.meta_dataset", "alembic",
    "pydantic_settings", "fastapi", "uvicorn", "httpx", "hypothesis",
    "cryptography.x509", "securesystemslib.signer", "model_signing", "jwt", "yaml", "pytest",
    "prometheus_client", "orjson", "sqlalchemy", "typer.testing", "jinja2",
)  # fmt: skip
GRACE = 5.0
MEMORY = Path("/dev/shm")  # noqa: S108 - private folders in it, at an eighth of what a disk asks
ROOM = 2 << 30  # bytes that must be free there, for copies and what rooms write into them
NO_PROGRAMS = getattr(os, "ST_NOEXEC", 0)
PATIENCE = 30.0  # seconds after which, again and again, a running task is told of
HeldUp = Callable[["Task", float], None]


@dataclass(frozen=True)
class Task:
    """Something to run in a child. ``run`` gets a private scratch folder, removed afterwards.

    What the child prints goes to ``log``; what it has to tell it writes into files of its own.
    """

    run: Callable[[Path], None]
    seconds: float
    log: Path


@dataclass
class _Child:
    task: Task
    scratch: Path
    pid: int
    deadline: float
    started: float = field(default_factory=time.monotonic)
    told: int = 0

    def tell(self, held_up: HeldUp) -> None:
        """Tell each time that another span of patience is over."""
        seconds = time.monotonic() - self.started
        if seconds >= PATIENCE * (self.told + 1):
            self.told = int(seconds / PATIENCE)
            held_up(self.task, seconds)


@dataclass(frozen=True)
class Ended:
    """How a task ended: ``why`` is empty when it ran to its end."""

    task: Task
    why: str
    seconds: float


def warm(names: Iterable[str] | None = None) -> None:
    """Import once what rooms use, so that every forked child has it; what is absent stays absent."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in HEAVY if names is None else names:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    # else each failing test, in its child, looks for the source files of all that was imported
    inspect.getmodule(warm.__code__)
    gc.collect()
    gc.freeze()  # else each child's collections walk, and copy, all that was imported here


def at_once() -> int:
    """Return how many children run at once: one more than cores, as some wait for a server or a time-out."""
    return cores() + 1


def cores() -> int:
    """Return how many cores this process may use."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)


def shelf() -> Path:
    """Return where scratch folders go: memory if it is roomy and may run programs, unless TMPDIR says.

    A container's memory is often 64 MiB, and mounted so that no program in it runs.
    """
    with contextlib.suppress(OSError):
        here = os.statvfs(MEMORY)
        roomy = here.f_bavail * here.f_frsize >= ROOM and not here.f_flag & NO_PROGRAMS
        if roomy and os.access(MEMORY, os.W_OK) and "TMPDIR" not in os.environ:
            return MEMORY
    return Path(tempfile.gettempdir())


def run_all(
    tasks: Iterable[Task], at_once: int, held_up: HeldUp = lambda task, seconds: None
) -> Iterator[Ended]:
    """Run the tasks, some at once, and yield each as it ends. Stopping early ends the children.

    A task is taken from ``tasks`` when it starts; ``held_up`` is told of one that takes long.
    """
    waiting = iter(tasks)
    running: list[_Child] = []
    try:
        while True:
            while len(running) < at_once and (task := next(waiting, None)) is not None:
                running.append(_start(task))
            if not running:
                return
            for child in list(running):
                if (why := _ended(child)) is not None:
                    running.remove(child)
                    shutil.rmtree(child.scratch, ignore_errors=True)
                    yield Ended(child.task, why, time.monotonic() - child.started)
                else:
                    child.tell(held_up)
            time.sleep(0.01)
    finally:
        for child in running:
            _end(child)
            shutil.rmtree(child.scratch, ignore_errors=True)


def _start(task: Task) -> _Child:
    scratch = Path(tempfile.mkdtemp(prefix="redoubt-proof-", dir=shelf())).resolve()
    task.log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _be_child(task, scratch)
    return _Child(task, scratch, pid, time.monotonic() + task.seconds)


def _be_child(task: Task, scratch: Path) -> None:
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, _interrupt)
        _die_with_parent()
        with task.log.open("wb", buffering=0) as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        tempfile.tempdir = os.environ["TMPDIR"] = str(scratch)
        task.run(scratch)
        code = 0
    except BaseException:  # whatever it is, this child must end here and say so in its log
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _die_with_parent() -> None:
    """Ask the kernel to interrupt this child when its parent is killed; only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _interrupt(*_: object) -> None:
    """Stop as at a keyboard: pytest then runs no further test, and takes down what it set up."""
    raise KeyboardInterrupt


def _ended(child: _Child) -> str | None:
    pid, status = os.waitpid(child.pid, os.WNOHANG)
    if pid:
        _kill_group(child.pid)
        return "" if status == 0 else f"the child ended with {os.waitstatus_to_exitcode(status)}"
    if time.monotonic() < child.deadline:
        return None
    _end(child)
    return f"time-out after {child.task.seconds:.0f} s"


def _end(child: _Child) -> None:
    """Ask politely, so that servers are stopped by who started them; then end what is left."""
    family = _descendants(child.pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline:
        if os.waitpid(child.pid, os.WNOHANG)[0]:
            break
        time.sleep(0.02)
    else:
        family |= _descendants(child.pid)
        os.kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
    _kill_group(child.pid)
    for pid, born in family:
        if _born(pid) == born:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _descendants(pid: int) -> set[tuple[int, str]]:
    """Return (pid, birth) of everything below a process; its birth tells a reused id apart."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found: set[tuple[int, str]] = set()
    todo = [pid]
    while todo:
        for child in parents.get(todo.pop(), []):
            found.add((child, _born(child)))
            todo.append(child)
    return found


def _born(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
