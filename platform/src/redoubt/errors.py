"""Errors that a person meets: each says what is wrong, what to do, and which exit code it means."""

from __future__ import annotations

import traceback
from pathlib import Path


class RedoubtError(Exception):
    """Base of every refusal that the command line shows as one message and a remedy."""

    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} Remedy: {self.remedy}" if self.remedy else self.message


class Refused(RedoubtError):
    """A gate, a check or a policy said no (exit code 1)."""

    exit_code = 1


class BadInput(RedoubtError):
    """What the caller gave cannot be used (exit code 2)."""

    exit_code = 2


class Unavailable(RedoubtError):
    """A needed service, file or proof is absent (exit code 3)."""

    exit_code = 3


def yaml_fault(error: Exception) -> str:
    """Return one line on a YAML file that cannot be read: the line, if it is known, and what is wrong."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    where = f"line {mark.line + 1}: " if mark is not None else ""
    return where + str(problem or error).splitlines()[0]


def team_fault(error: Exception, source: Path) -> BadInput | None:
    """Return a stray error as bad input if the team's code under ``source`` raised it, else None.

    The innermost line of theirs is named: what a library raises below it is about what they passed.
    """
    lines = [
        (Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        lines.append((Path(error.filename), error.lineno))
    theirs = [(path, line) for path, line in lines if path.is_relative_to(source)]
    if not theirs:
        return None
    path, line = theirs[-1]
    words = " ".join(str(error).split())[:300] or "no message"
    via = ", ".join(f"{above.name}:{number}" for above, number in theirs[-3:-1])
    return BadInput(
        f"{path.relative_to(source.parent)}, line {line}: {type(error).__name__}: {words}"
        + (f" (from {via})" if via else ""),
        remedy="mend that line; `ci/run -s tests` tries your code without training",
    )
