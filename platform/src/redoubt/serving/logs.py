"""Structured logs that cannot hold personal data: an allow-list of fields, not a search for secrets.

One line is one JSON object. Of a library's record only its place is kept, of an exception only type
and frames: messages, arguments and values are never written, whoever logs them.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

OWN = "redoubt.service"
FIELDS = {
    "model": str, "tier": int, "url": str, "reason": str, "state": str, "status": int,
    "expires": str, "client_certificates": bool, "records": int, "hours": float,
}  # fmt: skip
LONGEST = 160
MOST_FRAMES = 12
_logger = logging.getLogger(OWN)


def event(name: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log one of our own events. Fields that are not in FIELDS, or of another type, are dropped."""
    _logger.log(level, name, extra={"fields": fields})


def crash(name: str, error: BaseException) -> None:
    """Log an exception: its type and where it was, never what it says."""
    _logger.error(name, exc_info=error, extra={"fields": {}})


class Redacted(logging.Formatter):
    """One JSON object a record, made of what is known to be harmless."""

    # control: MON-01
    def format(self, record: logging.LogRecord) -> str:
        """Return the line. A foreign record keeps logger, level and place; its message is dropped."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": at, "level": record.levelname.lower()}
        if record.name == OWN:
            line["event"] = record.msg
            line |= _allowed(getattr(record, "fields", {}))
        else:
            line["event"] = "library_message"
            line["source"] = f"{record.name}:{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[1] is not None:
            line |= _described(record.exc_info[1])
        return json.dumps(line)


# control: MON-01
def _allowed(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value[:LONGEST] if isinstance(value, str) else value
        for name, value in fields.items()
        if name in FIELDS and isinstance(value, FIELDS[name])
    }


# control: MON-01
def _described(error: BaseException) -> dict[str, Any]:
    """Return the types of an exception and its causes, and the frames of the first."""
    types: list[str] = []
    current: BaseException | None = error
    while current is not None and len(types) < MOST_FRAMES:
        types.append(type(current).__name__)
        current = current.__cause__ or current.__context__
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}:{frame.name}" for frame in frames
    ]
    return {"exception": types, "frames": places}


class Muted(io.TextIOBase):
    """Swallows what code prints while serving: a print of a row would be personal data in a log."""

    def write(self, text: str) -> int:
        """Count it as written; say once a call that something was printed."""
        if text.strip():
            event("output_suppressed", level=logging.WARNING)
        return len(text)


# control: MON-01
@contextmanager
def redacted() -> Iterator[None]:
    """Send everything that is logged, warned, printed or crashes in the block through one formatter."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacted())
    root = logging.getLogger()
    before = (root.handlers, root.level, sys.stdout, sys.stderr)
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    _install_hooks()
    sys.stdout = sys.stderr = Muted()
    try:
        yield
    finally:
        root.handlers, level, sys.stdout, sys.stderr = before
        root.setLevel(level)
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
        logging.captureWarnings(False)


# control: MON-01
def _install_hooks() -> None:
    def uncaught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        crash("crashed", error.with_traceback(trace))

    def in_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            crash("thread_crashed", arguments.exc_value)

    def unraisable(arguments: Any) -> None:
        if arguments.exc_value is not None:
            crash("error_ignored", arguments.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, in_thread, unraisable
