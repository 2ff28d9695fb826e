"""The fact ``broken_promises``: yields what the register finds in a catalogue, and what it must name.

One room is emptied, weakened or taken away at a time, as an attacker would who edits the lock too.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from redoubt.proof import fact, register, rooms
from redoubt.proof.results import Finding

Case = tuple[list[Finding], str]
GIVEN = {"result": "external", "why": "It is elsewhere.", "remedy": "Attach it."}
TIERS = {1: "blocking", 2: "blocking", 3: "report"}
SAID: dict[str, Any] = {
    "id": "NET-01", "title": "A control", "state": "active", "objective": "It holds.", "threats": (),
    "tiers": TIERS, "references": {}, "limits": "It is tiny.", "remedy": "None needed.",
}  # fmt: skip


def room(first: Any = None, *, tests: str = "12", last: int = 2, **changes: Any) -> rooms.Room:
    """Return a room with two requirements, each with a test of its own, some of it changed."""
    items: list[dict[str, Any]] = [
        {"id": f"NET-01.{number}", "claim": "It holds.", "subject": "machinery"}
        for number in range(1, last + 1)
    ]
    items[0] |= first or {}
    made = rooms.Room(Path("NET-01-a"), rooms.Control(**SAID | {"requirements": items} | changes))
    made.__dict__["tests"] = {f"test_{number}": (f"NET-01.{number}",) for number in tests}
    return made


# what became of the room, and what must be named: words may be bettered, promises may not change
CASES = (
    (room(), ""),
    (room({"claim": "It holds well."}, limits="It is small.", seconds=60), ""),
    (room(GIVEN), "NET-01.1: result is 'external'; the register says None."),
    (room(tests="2"), "NET-01.1: tests is []; the register says ['test_1']."),
    (room({"subject": "outside"}), "NET-01.1: subject is 'outside'; the register says 'machinery'."),
    (room(tests="1", last=1), "NET-01.2 is in the register and not in its room."),
    (room(tests="12", last=3), "NET-01.3 is not in the register."),
    (room(tiers=TIERS | {1: "report"}), "NET-01: tiers is {'1': 'report', '2': 'blocking', "
     "'3': 'report'}; the register says {'1': 'blocking', '2': 'blocking', '3': 'report'}."),
    (room(state="experimental"), "NET-01: state is 'experimental'; the register says 'active'."),
    (room(state="retired"), "NET-01: state is 'retired'; the register says 'active'."),
)  # fmt: skip


@fact(reads=["platform/src/redoubt/proof/register.py", "platform/src/redoubt/proof/rooms.py"])
def broken_promises(tmp_path_factory: Any) -> Callable[[], Iterator[Case]]:
    def found() -> Iterator[Case]:
        """Yield the findings of each case, and what they must say; at last without a register."""
        root = tmp_path_factory.mktemp("promised")
        path = root / register.NAME
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(register.of([room()])))
        for changed, expected in CASES:
            yield register.check(root, [changed]), expected
        path.unlink()
        yield register.check(root, [room()]), f"{register.NAME} is missing or cannot be read."

    return found
