"""The time, in one place: a test can set it and a clock before the newest record is refused."""

from __future__ import annotations

from datetime import UTC, datetime

from redoubt.errors import Refused


def now() -> datetime:
    """Return the current time in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


# control: GATE-01
def after(newest: datetime | None) -> datetime:
    """Return the current time, refusing one that lies before the newest record.

    Raises Refused: a set-back clock would revive expired approvals and stale evidence.
    """
    moment = now()
    if newest is not None and moment < newest:
        raise Refused(
            f"The clock says {moment.isoformat()}, before the newest record "
            f"({newest.isoformat()}).",
            remedy="set the clock right; records are never back-dated",
        )
    return moment
