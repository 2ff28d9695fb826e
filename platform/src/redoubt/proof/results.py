"""What a run says: one result a requirement, the worst one a control, and what is counted first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from redoubt.proof.judge import Tested
from redoubt.proof.rooms import Level, Requirement, Room
from redoubt.records import Tier

Result = Literal["pass", "fail", "not-evaluated", "external", "waived", "off"]
WORST: tuple[Result, ...] = ("fail", "not-evaluated", "external", "waived", "pass", "off")
STRICT = ("machinery", "project")
STRICT_MODEL = (*STRICT, "model")
# a check that did not run says nothing of the control, so the control's own remedy would mislead
REPAIR = (
    "the check itself could not run: see what `redoubt doctor` says is missing, and the room's log"
)


@dataclass(frozen=True)
class Finding:
    """Something wrong with the project as a whole: its lock, its catalogue or a waiver."""

    about: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Judged:
    """One requirement of one control, with its result in this project's tier."""

    room: Room
    requirement: Requirement
    level: Level
    result: Result
    why: str = ""
    remedy: str = ""
    tests: tuple[Tested, ...] = ()
    waiver: str = ""

    @property
    def planned(self) -> bool:
        """Say whether a later part of the roadmap brings what is missing."""
        return self.requirement.planned is not None

    @property
    def blocking(self) -> bool:
        """Say whether this requirement stops a project of this tier."""
        return self.level == "blocking" and self.room.control.state == "active"

    @property
    def failing(self) -> bool:
        """Say whether this stops the project now."""
        return self.result == "fail" and self.blocking


@dataclass(frozen=True)
class Report:
    """Everything one verification found, in the order of the catalogue."""

    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]
    tier: Tier
    seconds: float = 0.0
    catalogue: int = 0

    @property
    def partial(self) -> str:
        """Say that not every control was asked for, or an empty text."""
        asked = len({item.room.id for item in self.judged})
        if asked >= self.catalogue:
            return ""
        return f"Only {asked} of the {self.catalogue} controls were asked for."

    def counts(self) -> dict[str, int]:
        """Return how many requirements have each result, and how many of them are planned."""
        found = Counter(item.result for item in self.judged)
        return {name: found[name] for name in WORST} | {
            "planned": sum(item.planned for item in self.judged)
        }

    def unknown(self, subjects: Iterable[str] = STRICT) -> tuple[Judged, ...]:
        """Return what strict runs stop on: blocking, not evaluated, and not planned for later."""
        wanted = set(subjects)
        return tuple(
            item for item in self.judged
            if item.result == "not-evaluated" and item.blocking and not item.planned
            and item.requirement.subject in wanted
        )  # fmt: skip

    # control: DEV-07
    def exit_code(self, *, strict: bool, subjects: Iterable[str] = STRICT) -> int:
        """Return 1 when something is refused, 3 when a strict run lacks a result, else 0."""
        if self.findings or any(item.failing for item in self.judged):
            return 1
        return 3 if strict and self.unknown(subjects) else 0


# control: GOV-01
def level_of(room: Room, tier: Tier) -> Level:
    """Return what the control means in a tier; one that says nothing blocks."""
    return room.control.tiers.get(tier, "blocking")


# control: GATE-01
def judged(room: Room, requirement: Requirement, tests: Mapping[str, Tested], tier: Tier) -> Judged:
    """Fold the tests of a requirement into its result; an error counts as a failure."""
    level = level_of(room, tier)
    if room.control.state == "retired" or level == "off":
        why = "retired" if room.control.state == "retired" else f"not asked for in tier {tier}"
        return Judged(room, requirement, "off", "off", why)
    if requirement.result:
        return Judged(
            room, requirement, level, requirement.result, requirement.why, requirement.remedy
        )
    own = tuple(tests[name] for name in room.tests_of(requirement.id) if name in tests)
    bad = [item for item in own if item.outcome in ("fail", "error")]
    if bad or not own:
        why = "; ".join(_sentence(item) for item in bad) or "no test of it ran"
        own_remedy = requirement.remedy or room.control.remedy
        remedy = own_remedy if any(item.outcome == "fail" for item in bad) else REPAIR
        return Judged(room, requirement, level, "fail", why, remedy, own)
    unknown = [item for item in own if item.outcome == "not-evaluated"]
    if unknown:
        item = unknown[0]
        return Judged(room, requirement, level, "not-evaluated", item.detail, item.remedy, own)
    return Judged(room, requirement, level, "pass", tests=own)


def _sentence(item: Tested) -> str:
    return f"{item.test}: {_unjudged(item)}{item.detail}"


def _unjudged(item: Tested) -> str:
    return "could not be judged, which counts as a failure: " if item.outcome == "error" else ""


def brief(item: Judged) -> str:
    """Return why in one line: what the assertions of its tests say, without pytest's explanation."""
    bad = [one for one in item.tests if one.outcome in ("fail", "error")]
    if item.result != "fail" or not bad:
        return " ".join(item.why.split())
    return "; ".join(dict.fromkeys(_unjudged(one) + _first_line(one.detail) for one in bad))


def _first_line(detail: str) -> str:
    line = next((line.strip() for line in detail.splitlines() if line.strip()), "no reason given")
    return line.removeprefix("AssertionError: ")


def worst(items: Iterable[Judged]) -> Result:
    """Return the result of a control: its worst requirement."""
    return min((item.result for item in items), key=WORST.index, default="off")
