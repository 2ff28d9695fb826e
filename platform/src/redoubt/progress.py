"""What a long command says while it works: one line a step on stderr, nothing in tests."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

Tell = Callable[[str], None]


def silent(message: str) -> None:
    """Say nothing: the default of every function that can tell its progress."""


def on_stderr() -> Tell:
    """Return a teller that writes each step and the seconds since the first one."""
    start = time.monotonic()

    def tell(message: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - start:5.1f} s] {message}\n")
        sys.stderr.flush()

    return tell
