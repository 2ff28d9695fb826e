"""What a room imports: say what a test proves, what a fact reads, and that something is not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


class NotEvaluated(Exception):
    """This requirement cannot be judged here. It is a result, with a reason and a remedy.

    Raise it in a test or in a fact, never to hide a failure: ``--strict`` stops on it.
    """

    def __init__(self, why: str, *, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


def proves(*requirements: str) -> Callable[[FunctionT], FunctionT]:
    """Name the requirements that a test function proves, such as ``GATE-01.1``.

    The names are read from the source text, so they must be literals.
    """

    def mark(function: FunctionT) -> FunctionT:
        function.__dict__["proves"] = requirements
        return function

    return mark


def fact(
    *, reads: Sequence[str], deep: bool = False, together: bool = False
) -> Callable[[FunctionT], FunctionT]:
    """Make a fact: a fixture for the rooms, computed again only when what it reads has changed.

    ``reads`` are globs from the project root, literals (``"platform/src/redoubt/data/**"``). A fact
    with a parameter ``work`` fills that folder, which is kept on disk under the digest of what
    it reads and of the facts it needs; its value is the folder, read-only. One without is computed
    in memory for each run and may ``yield`` something live. A ``deep`` fact is computed in
    ``redoubt verify --deep`` only, and reused elsewhere while its inputs are unchanged. The file of
    a fact that is cheaper for many projects ``together`` has a function of that name too, which
    gets the same facts and ``copies``, the folder to fill by broken copy of the project, and
    returns those that it filled.
    """

    def mark(function: FunctionT) -> FunctionT:
        function.__dict__["fact"] = (tuple(reads), deep, together)
        return function

    return mark
