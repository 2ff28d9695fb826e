"""Three values: yes (True), no (False), and not evaluated (None), which never turns into one of the others.

An unknown part decides nothing, but it may not matter: a condition that is false in one key is false.
"""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None


def every(parts: Iterable[Truth]) -> Truth:
    """Return False when one part is, else None when one part is, else True."""
    seen = list(parts)
    return False if False in seen else None if None in seen else True


def some(parts: Iterable[Truth]) -> Truth:
    """Return True when one part is, else None when one part is, else False."""
    seen = list(parts)
    return True if True in seen else None if None in seen else False


def opposite(part: Truth) -> Truth:
    """Return what is not; what is not evaluated stays so."""
    return None if part is None else not part
