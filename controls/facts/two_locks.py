"""The fact ``two_locks``: the locks of two releases between which four controls changed, and the news."""

from typing import Any

from redoubt.proof import fact

EVERYWHERE = {"1": "blocking", "2": "blocking", "3": "blocking"}


@fact(reads=["platform/src/redoubt/proof/lock.py"])
def two_locks() -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    room = {"state": "active", "digest": "sha256:0", "tiers": EVERYWHERE}
    weaker = room | {"tiers": EVERYWHERE | {"2": "report"}}
    retired = room | {"state": "retired", "digest": "sha256:1"}
    before = {"controls": {"NET-01": room, "NET-02": room, "NET-03": room}}
    after = {"controls": {"NET-02": weaker, "NET-03": retired, "NET-04": room}}
    expected = [
        "NET-04: added",
        "NET-01: REMOVED",
        "NET-02: tier 2 was blocking, is report",
        "NET-03: active is now retired",
        "NET-03: its room changed",
    ]
    return before, after, expected
