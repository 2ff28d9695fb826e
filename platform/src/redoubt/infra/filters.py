"""Does a metric filter of CloudWatch match an event? Its JSON patterns, as far as our modules use them.

A construct that is not read here raises: a pattern that nobody can judge is no alarm. Where AWS leaves
something open, the answer is no: a comparison of a field that is absent, or holds a list or an object,
never matches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from redoubt.errors import BadInput

Event = Mapping[str, Any]
Test = Callable[[Event], bool]
LONGEST = 1024
TOKEN = re.compile(
    r"""\s*(?: (?P<field>\$(?:\.[A-Za-z0-9_-]+)+(?![\w\[.]))
        | (?P<text>"[^"\\]*")
        | (?P<word>&&|\|\||!=|=|\(|\)|\{|\}|NOT\s+EXISTS\b|IS\s+(?:NULL|TRUE|FALSE)\b) )""",
    re.VERBOSE,
)
IS = {"IS NULL": None, "IS TRUE": True, "IS FALSE": False}


def matches(pattern: str, event: Event) -> bool:
    """Say whether an event is counted by a pattern such as ``{ $.eventName = "Delete*" }``.

    Raises BadInput when CloudWatch would refuse the pattern, or it uses what is not read here.
    """
    return _Reader(pattern, _tokens(pattern)).whole()(event)


def _tokens(pattern: str) -> list[str]:
    if len(pattern) > LONGEST:
        raise BadInput(f"The pattern has {len(pattern)} characters.",
                       remedy=f"CloudWatch takes {LONGEST}: make it two filters")  # fmt: skip
    found, place = [], 0
    while pattern[place:].strip():
        token = TOKEN.match(pattern, place)
        if token is None:
            raise _unread(pattern, pattern[place:].strip())
        found.append(" ".join(token[0].split()))
        place = token.end()
    return found


def _unread(pattern: str, rest: str) -> BadInput:
    return BadInput(
        f"{rest[:40]!r} is not read in the pattern {pattern!r}.",
        remedy='compare fields with quoted texts (= or !=, * at the ends only), or "NOT EXISTS", '
        '"IS NULL", "IS TRUE", "IS FALSE", joined by && and || in parentheses',
    )


@dataclass
class _Reader:
    """Reads tokens from left to right: ``||`` binds least, then ``&&``, then parentheses."""

    pattern: str
    left: list[str]

    def whole(self) -> Test:
        self._take("{")
        test = self._any()
        self._take("}")
        if self.left:
            raise _unread(self.pattern, " ".join(self.left))
        return test

    def _next(self) -> str:
        return self.left[0] if self.left else ""

    def _take(self, wanted: str = "") -> str:
        if not self.left or (wanted and self.left[0] != wanted):
            raise _unread(self.pattern, " ".join(self.left) or "the end")
        return self.left.pop(0)

    def _any(self) -> Test:
        tests = [self._all()]
        while self._next() == "||":
            self._take()
            tests.append(self._all())
        return lambda event: any(test(event) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._next() == "&&":
            self._take()
            tests.append(self._one())
        return lambda event: all(test(event) for test in tests)

    def _one(self) -> Test:
        if self._next() == "(":
            self._take()
            inner = self._any()
            self._take(")")
            return inner
        if not self._next().startswith("$"):
            raise _unread(self.pattern, " ".join(self.left) or "the end")
        return self._about(self._take().split(".")[1:])

    def _about(self, path: list[str]) -> Test:
        """Return the test of one field, by what stands after it."""
        how = self._take()
        if how == "NOT EXISTS":
            return lambda event: not _found(event, path)
        if how in IS:
            return lambda event: _found(event, path) == (IS[how],)
        if how not in ("=", "!=") or not self._next().startswith('"'):
            raise _unread(self.pattern, " ".join([how, *self.left]))
        fits = self._text(self._take()[1:-1])
        return lambda event: any(
            isinstance(value, str) and fits(value) is (how == "=") for value in _found(event, path)
        )

    def _text(self, wanted: str) -> Callable[[str], bool]:
        """Return the comparison with a text; ``*`` is a wildcard at its ends, and nowhere else."""
        inner = wanted.removeprefix("*").removesuffix("*")
        if "*" in inner or not inner:
            raise _unread(self.pattern, wanted)
        before, after = wanted.startswith("*"), wanted.endswith("*")
        form = re.compile(f"{'.*' * before}{re.escape(inner)}{'.*' * after}", re.DOTALL)
        return lambda value: form.fullmatch(value) is not None


def _found(event: Any, path: list[str]) -> tuple[Any, ...]:
    """Return (value,) of a field, or nothing when it is absent."""
    for name in path:
        if not isinstance(event, Mapping) or name not in event:
            return ()
        event = event[name]
    return (event,)
