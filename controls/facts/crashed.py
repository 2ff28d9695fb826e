"""The fact ``crashed``: what a server leaves behind whose event loop ends by an exception.

``crashed(words)`` gives its exit code and all that it wrote; ``crashed.core_bytes`` is how large a
core dump of it may become, soft and hard, by the time it would listen.
"""

import io
import os
import resource
import traceback
from contextlib import closing, redirect_stderr
from pathlib import Path
from typing import Any
from unittest import mock

import uvicorn

from redoubt.proof import fact
from redoubt.serving import server
from redoubt.settings import Settings


class Crashed:
    """A server of the released project that serves nothing."""

    def __init__(self, root: Path) -> None:
        self._settings = Settings(root=root)

    def __call__(self, words: str) -> tuple[object, str]:
        async def fail(self: Any, sockets: Any = None) -> None:
            raise ValueError(words)

        with (
            closing(server.listen(self._settings, 0)) as listener,
            mock.patch.object(uvicorn.Server, "serve", fail),
            mock.patch.object(server, "configured"),
            redirect_stderr(io.StringIO()) as stream,
        ):
            try:
                server.serve(self._settings, mock.MagicMock(), listener)
            except SystemExit as left:
                return left.code, stream.getvalue()
            except ValueError:  # the interpreter would write it, and leave with 1
                traceback.print_exc()
        return 1, stream.getvalue()

    @property
    def core_bytes(self) -> tuple[int, ...]:
        """Return the limits that a child sets itself: they cannot be taken back here."""
        heard, tell = os.pipe()
        if (child := os.fork()) == 0:
            os.environ["REDOUBT_ROOT"] = str(self._settings.root)
            with mock.patch.object(server, "listen", side_effect=SystemExit):
                try:
                    server.run()
                finally:
                    limits = resource.getrlimit(resource.RLIMIT_CORE)
                    os.write(tell, " ".join(map(str, limits)).encode())
                    os._exit(0)
        os.close(tell)
        with os.fdopen(heard) as stream:
            found = tuple(map(int, stream.read().split()))
        os.waitpid(child, 0)
        return found


@fact(reads=["platform/src/redoubt/*.py", "platform/src/redoubt/serving/**"])
def crashed(released: Path) -> Crashed:
    return Crashed(released)
