"""The fact ``two_locks``: the locks of two releases between which four controls changed."""

from typing import Any

from redoubt.proof import fact

EVERYWHERE = {"1": "blocking", "2": "blocking", "3": "blocking"}


@fact(reads=["platform/src/redoubt/proof/lock.py"])
def two_locks() -> tuple[dict[str, Any], dict[str, Any]]:
    room = {"state": "active", "digest": "sha256:0", "tiers": EVERYWHERE}
    weaker = room | {"tiers": EVERYWHERE | {"2": "report"}}
    retired = room | {"state": "retired", "digest": "sha256:1"}
    before = {"controls": {"NET-01": room, "NET-02": room, "NET-03": room}}
    after = {"controls": {"NET-02": weaker, "NET-03": retired, "NET-04": room}}
    return before, after
