"""First on the path of a Python: it and its children note each file they open into ``OPENED_LOG``.

An import opens a file as well, of byte code or of source; so this sees imports and data alike.
"""

import os
import sys

LOG = os.environ.get("OPENED_LOG")


def watch(log: str) -> None:
    """Append the absolute path of every file that is opened from now on, one a line."""
    # Opened before the hook is there, and kept open: a fork goes on writing to the same end.
    stream = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str):
            os.write(stream, os.fsencode(os.path.abspath(arguments[0])) + b"\n")

    sys.addaudithook(note)


if LOG:
    watch(LOG)
