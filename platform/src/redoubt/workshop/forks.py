"""Run verbs of the command line one after the other, in children of a process that is warm.

A verb of its own process spends most of its time importing; a child forked after the imports does
not, and still starts with a clean state.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

HEAVY = (
    "mlflow", "mlflow.tracking", "mlflow.store.tracking.sqlalchemy_store", "pandas",
    "pandera.pandas", "pyarrow.csv", "pyarrow.parquet", "sklearn.ensemble", "skl2onnx",
    "onnxruntime", "model_signing", "securesystemslib.signer", "jwt", "typer",
)  # fmt: skip


def warm() -> None:
    """Import once what the verbs use; what is absent is reported by the verb that needs it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in HEAVY:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def verb(words: Sequence[str], say: Callable[[str], None]) -> tuple[int, str]:
    """Run `redoubt WORDS` in a child; pass on each line that it prints; return exit code and text."""
    read, write = os.pipe()
    child = _fork(lambda: _command(words, write))
    os.close(write)
    lines: list[str] = []
    try:
        with os.fdopen(read, encoding="utf-8", errors="replace") as stream:
            for line in stream:
                say(line.rstrip("\n"))
                lines.append(line)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), "".join(lines)
    except BaseException:
        _end(child)
        raise


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Do some work in a child beside the block; gives a function that waits for its end."""
    child = _fork(work)
    waiting = [child]

    def wait() -> None:
        while waiting:
            os.waitpid(waiting.pop(), 0)

    try:
        yield wait
    except BaseException:
        if waiting:
            _end(waiting.pop())
        raise
    finally:
        wait()


def _command(words: Sequence[str], output: int) -> None:
    os.dup2(output, 1)
    sys.argv = ["redoubt", *words]
    from redoubt.cli import main

    main()


def _fork(work: Callable[[], None]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # the child must end here, whatever happened, and say what it was
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _end(child: int, seconds: float = 5.0) -> None:
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if os.waitpid(child, os.WNOHANG)[0]:
                return
            time.sleep(0.05)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
