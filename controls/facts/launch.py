"""The fact ``launch``: ``launch(root, …)`` starts the service of a project folder as a process of its own.

It is forked, so the libraries are loaded already; the signature is verified in that process instead
of a child of it. Everything else is what ``redoubt serve`` does.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from redoubt import admission, modelsign, processes
from redoubt.proof import fact
from redoubt.release import issuer
from redoubt.serving import __main__ as command
from redoubt.serving import app as _app  # noqa: F401 - the forked process then has it
from redoubt.serving import handle, tls
from redoubt.settings import Settings

SECONDS = 20.0
Pair = tuple[Path, Path] | None  # a client's certificate and key


class Started:
    """One service process: its handle, what it printed, whether it was ever ready, how it ended."""

    def __init__(
        self, root: Path, arguments: list[str], environment: dict[str, str], certificate: Pair
    ) -> None:
        self.settings = Settings(root=root)
        self.port = processes.free_port()
        self.log = root / "var" / f"service-{self.port}.log"
        tls.prepare(self.settings)
        self.service = handle.Service(
            f"https://127.0.0.1:{self.port}", tls.authority(self.settings),
            partial(issuer.mint, self.settings), root, self.log, certificate,
        )  # fmt: skip
        self.code: int | None = None
        self.was_ready = False
        self.pid = self._fork(["--port", str(self.port), *arguments], environment)

    def _fork(self, arguments: list[str], environment: dict[str, str]) -> int:
        if (pid := os.fork()) != 0:
            return pid
        code = 70
        try:
            with self.log.open("wb", buffering=0) as stream:
                os.dup2(stream.fileno(), 1)
                os.dup2(stream.fileno(), 2)
            sys.stdout, sys.stderr = (open(number, "w", buffering=1) for number in (1, 2))  # noqa: SIM115 - they outlive this block
            sys.argv = ["redoubt serve", *arguments]
            os.environ |= environment | {"REDOUBT_ROOT": str(self.settings.root)}
            with _same_process():
                code = command.main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        finally:
            os._exit(code)

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait(self) -> "Started":
        """Wait until it is ready or has ended."""
        deadline = time.monotonic() + SECONDS
        while not self.was_ready and not self.ended() and time.monotonic() < deadline:
            self.was_ready = self.service.ready()
            time.sleep(0.01)
        return self

    def ended(self) -> bool:
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        return self.code is not None

    def stop(self) -> None:
        self.service.close()
        deadline = time.monotonic() + SECONDS
        while not self.ended():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, 15 if time.monotonic() < deadline else 9)
            time.sleep(0.02)


def _here(settings: Settings, digest: str, process: Any = None) -> admission.Signature:
    where = admission.folder(settings, digest), admission.signature_path(settings, digest)
    return lambda: modelsign.verify(*where, settings.trust)


@contextmanager
def _same_process() -> Iterator[None]:
    """Let the signature be verified here: the library is loaded, a child would import it again."""
    with (
        mock.patch.object(admission, "signature_check", _here),
        mock.patch.object(processes, "waiting", return_value=None),
        mock.patch.object(processes, "stop", return_value=None),
    ):
        yield


@contextmanager
def started(
    root: Path, *arguments: str, certificate: Pair = None, **environment: str
) -> Iterator[Started]:
    one = Started(root, list(arguments), environment, certificate)
    try:
        yield one.wait()
    finally:
        one.stop()


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/policy/**",
        "platform/src/redoubt/serving/**",
        "platform/src/redoubt/profiles/pd/reference/**",
    ]
)
def launch() -> Callable[..., AbstractContextManager[Started]]:
    return started
