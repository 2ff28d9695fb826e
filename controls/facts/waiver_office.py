"""The fact ``waiver_office``: opens offices where waivers are asked for, approved and judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from redoubt import clock, project
from redoubt.identity import Identity
from redoubt.ledger import Ledger
from redoubt.proof import fact, results, rooms, verify, waivers
from redoubt.records import Decision, WaiverApproval
from redoubt.settings import Settings

MODEL = "sha256:" + "a" * 64
FACTS: dict[int, dict[str, str]] = {
    1: {},
    2: {"customer_impact": "organisations", "autonomy": "supervised"},
    3: {"customer_impact": "none", "autonomy": "advisory"},
}
GIVEN: dict[str, Any] = {
    "title": "A control", "state": "active", "objective": "It holds.", "threats": (),
    "tiers": {1: "blocking", 2: "blocking", 3: "blocking"}, "references": {},
    "limits": "It is tiny.", "remedy": "None needed.",
}  # fmt: skip


def person(subject: str, *roles: str, issuer: str = "issuer") -> Identity:
    """Return somebody who signed in."""
    return Identity(subject, issuer, frozenset(roles), frozenset(), 0.0)


def room(name: str, *subjects: str) -> rooms.Room:
    """Return a control with one requirement for each subject."""
    items: Any = [
        {"id": f"{name}.{number}", "claim": "It holds.", "subject": subject}
        for number, subject in enumerate(subjects, 1)
    ]
    return rooms.Room(Path(name), rooms.Control(id=name, requirements=items, **GIVEN))


@dataclass(frozen=True)
class Office:
    """One project with its waivers and its ledger."""

    desk: waivers.Desk
    ask: dict[str, Any]
    production: Callable[..., Settings]

    def write(self, *changes: dict[str, Any]) -> None:
        """Write waivers: the healthy request, changed; a None takes a field away."""
        entries = [
            {key: value for key, value in (self.ask | change).items() if value is not None}
            for change in changes
        ]
        path = self.desk.settings.root / waivers.FILE
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump({"waivers": entries}))

    @property
    def denied(self) -> list[str]:
        """Return why each waiver is denied; an empty text when it acts."""
        return [verdict.denied for verdict in waivers.judge(self.desk)]

    def moved_to(self, environment: str) -> Office:
        """Return the office over the same waivers and records, in an environment of the bank."""
        settings = self.production(self.desk.settings.root, environment)
        moved = replace(self.desk, settings=settings)
        return replace(self, desk=moved)

    def of_tier(self, tier: int) -> Office:
        """Return the office over the same waivers and records, of a project of this tier."""
        facts = self.desk.project.facts.model_copy(update=FACTS[tier])
        tiered = self.desk.project.model_copy(update={"facts": facts})
        return replace(self, desk=replace(self.desk, project=tiered))

    def found(self) -> list[str]:
        """Return what `redoubt verify` reports of the waivers."""
        desk = self.desk
        _, findings = verify.accepted(desk.settings, desk.project, desk.rooms)
        return [item.message for item in findings]

    def sign(self, subject: str, *roles: str, issuer: str = "issuer") -> None:
        """Put an approval of the first waiver on the ledger, whoever it is by."""
        by = person(subject, *roles, issuer=issuer)
        waiver: Any = waivers.read(self.desk.settings.root)[0][1]
        Ledger(self.desk.settings).append(
            WaiverApproval(waiver=waiver.digest, requirement=waiver.requirement,
                           by=by.actor(), at=clock.now())
        )  # fmt: skip

    def promote(self, model: str) -> None:
        """Put a granted decision about a model on the ledger."""
        Ledger(self.desk.settings).append(
            Decision(action="promote", outcome="granted", model=model, replaces=None, tier=1,
                     rules="", inputs={}, reasons=(), by=person("mira").actor(), at=clock.now())
        )  # fmt: skip

    def judged(self, requirement: str, result: results.Result) -> results.Judged:
        """Return a requirement with a result, before waivers."""
        found = next(item for item in self.desk.rooms if requirement.startswith(item.id))
        item = next(item for item in found.control.requirements if item.id == requirement)
        return results.Judged(found, item, "blocking", result, "it is not met", "meet it")


@fact(reads=["platform/src/redoubt/proof/**", "platform/src/redoubt/*.py"])
def waiver_office(
    workbench: Path, copy_of: Callable[[Path], Path], production: Callable[..., Settings]
) -> Callable[..., Office]:
    def opened(*changes: dict[str, Any], approved: bool = True) -> Office:
        settings = Settings(root=copy_of(workbench))
        catalogue = (room("GATE-01", "machinery", "model"), room("GATE-10", "machinery"))
        desk = waivers.Desk(settings, project.load(settings.root), catalogue)
        ask = {
            "id": "RISK-1", "requirement": "GATE-01.1", "scope": waivers.PROJECT,
            "justification": "The new scanner is delivered in spring.",
            "compensating": "A person scans by hand each night, RISK-1.",
            "requester": "mira", "expires": clock.now().date() + timedelta(days=30),
        }  # fmt: skip
        office = Office(desk, ask, production)
        office.write(*(changes or ({},)))
        if approved:
            office.sign("ada", "approver")
        return office

    return opened
