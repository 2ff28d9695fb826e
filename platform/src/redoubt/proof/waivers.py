"""Waivers: an unmet requirement, accepted for a time by somebody else than who asked for it.

A waiver acts only with a signed approval over its digest on the ledger, until it expires. Whatever
is missing, malformed or out of date denies it, and is reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from redoubt import admission, clock, digests, identity, limits, plain_yaml
from redoubt.errors import BadInput, RedoubtError, Refused
from redoubt.identity import Identity
from redoubt.ledger import Ledger
from redoubt.project import Project
from redoubt.proof.results import Judged
from redoubt.proof.rooms import Room
from redoubt.records import WaiverApproval
from redoubt.settings import Settings

FILE = "controls/waivers.yml"
LIMITS = "a limit that conf/waivers.yml may only shorten"
PROJECT = "project"
WILD = "*?[]"
NEVER = "GATE-10"
CURABLE = ("fail", "not-evaluated", "external")


# control: GATE-10
class Waiver(BaseModel):
    """One entry of ``controls/waivers.yml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,59}$")]
    requirement: Annotated[str, Field(min_length=1)]
    scope: Annotated[str, Field(min_length=1)]
    justification: Annotated[str, Field(min_length=20)]
    compensating: Annotated[str, Field(min_length=20)]
    requester: Annotated[str, Field(min_length=1)]
    expires: date

    @property
    def digest(self) -> str:
        """Return the digest that an approval names; any change of the entry changes it."""
        return digests.digest_of(self.model_dump(mode="json"))


@dataclass(frozen=True)
class Verdict:
    """Whether one waiver acts, and why not."""

    name: str
    waiver: Waiver | None
    denied: str = ""
    approver: str = ""
    approved: datetime | None = None

    @property
    def acts(self) -> bool:
        """Say whether the waiver acts."""
        return not self.denied and self.waiver is not None


@dataclass(frozen=True)
class Desk:
    """What a waiver is judged against: this project, its catalogue and its ledger.

    ``model`` is the digest that is judged; the promoted one if it is None.
    """

    settings: Settings
    project: Project
    rooms: Sequence[Room]
    model: str | None = None

    @property
    def requirements(self) -> dict[str, str]:
        """Return requirement id -> subject, of the whole catalogue."""
        return {
            item.id: item.subject
            for room in self.rooms
            if room.control.state != "retired"
            for item in room.control.requirements
        }


def read(root: Path) -> list[tuple[str, Waiver | str]]:
    """Return (name, waiver) of each entry; a malformed one is given as what is wrong with it.

    A project without the file has no waivers. Raises BadInput when the file itself is no list.
    """
    path = root / FILE
    if not path.exists():
        return []
    try:
        value = plain_yaml.load(path.read_text())
        entries = (value or {})["waivers"] if value else []
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{FILE} is not a list of waivers.",
            remedy="see the comment on its top; limits of waivers stand in conf/waivers.yml",
        ) from error
    if not isinstance(entries, list):
        raise BadInput(f"{FILE}: waivers={entries!r} is not a list.", remedy="write `waivers: []`")
    return [_entry(number, entry) for number, entry in enumerate(entries, 1)]


def _entry(number: int, entry: Any) -> tuple[str, Waiver | str]:
    name = str(entry.get("id", f"entry {number}")) if isinstance(entry, dict) else f"entry {number}"
    try:
        return name, Waiver.model_validate(entry)
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        return (
            name,
            f"{'.'.join(map(str, item['loc'])) or 'entry'}={item.get('input')!r}: {item['msg']}",
        )


def judge(desk: Desk) -> tuple[Verdict, ...]:
    """Judge every waiver of the project; nothing is approved when the ledger does not verify."""
    entries = read(desk.settings.root)
    if not entries:
        return ()
    try:
        known = Known.read(desk)
    except RedoubtError as error:
        why = f"no approval can be read: {error.message}"
        return tuple(Verdict(name, None, why) for name, _ in entries)
    names = [name for name, _ in entries]
    return tuple(
        Verdict(name, None, f"{names.count(name)} waivers have this id") if names.count(name) > 1
        else _verdict(desk, name, waiver, known) for name, waiver in entries
    )  # fmt: skip


# control: GATE-10
@dataclass(frozen=True)
class Known:
    """What the ledger says: approvals, the digest of the model judged, and the time."""

    approvals: tuple[WaiverApproval, ...]
    model: str | None
    now: datetime

    @classmethod
    def read(cls, desk: Desk) -> Known:
        """Read it. Raises Refused when the ledger does not verify or the clock was set back."""
        ledger = Ledger(desk.settings)
        promoted = admission.promoted(ledger)
        model = desk.model or (promoted.model if promoted else None)
        now = clock.after(ledger.latest_time())
        return cls(tuple(ledger.all(WaiverApproval)), model, now)


def _verdict(desk: Desk, name: str, waiver: Waiver | str, known: Known) -> Verdict:
    if isinstance(waiver, str):
        return Verdict(name, None, waiver)
    if wrong := unfit(desk, waiver, known.now) or _scope(desk, waiver, known.model):
        return Verdict(name, waiver, wrong)
    approval, wrong = _approval(desk, waiver, known.approvals)
    if approval is None:
        return Verdict(name, waiver, wrong)
    if wrong := _too_long(desk, waiver, approval.at):
        return Verdict(name, waiver, wrong)
    return Verdict(name, waiver, "", approval.by.subject, approval.at)


# control: GATE-10
def unfit(desk: Desk, waiver: Waiver, now: datetime) -> str:
    """Return what is wrong with a waiver before anybody approves it, or an empty text."""
    if any(sign in waiver.requirement + waiver.scope for sign in WILD):
        return "its requirement or scope is a wildcard"
    if waiver.requirement not in desk.requirements:
        return f"{waiver.requirement!r} is no requirement of this catalogue"
    if waiver.requirement.startswith(f"{NEVER}."):
        return f"{NEVER} judges waivers and cannot be waived"
    if ends(waiver) <= now:
        return f"it expired on {waiver.expires}"
    return ""


def ends(waiver: Waiver) -> datetime:
    """Return the moment a waiver ends: the end of its last day, UTC."""
    return datetime.combine(waiver.expires, time(), UTC) + timedelta(days=1)


# control: GATE-10
def _scope(desk: Desk, waiver: Waiver, model: str | None) -> str:
    if desk.requirements.get(waiver.requirement) == "model":
        if waiver.scope != model:
            return (
                f"its scope {waiver.scope!r} is not the digest of the model judged here ({model})"
            )
    elif waiver.scope != PROJECT:
        return (
            f"its scope {waiver.scope!r} is not {PROJECT!r}, and {waiver.requirement} is no model's"
        )
    return ""


# control: GATE-10
def _approval(
    desk: Desk, waiver: Waiver, approvals: Iterable[WaiverApproval]
) -> tuple[WaiverApproval | None, str]:
    """Return the newest approval that counts, or why none does."""
    why = "nobody approved it (with exactly this content)"
    for approval in reversed(tuple(approvals)):
        if approval.waiver != waiver.digest or approval.requirement != waiver.requirement:
            continue
        if identity.same_person(approval.by.subject, waiver.requester):
            why = f"{approval.by.subject} both asked for it and approved it"
            continue
        try:
            admission.acted(desk.settings, approval.by, "waive")
        except Refused as error:
            why = error.message
            continue
        return approval, ""
    return None, why


# control: GATE-10
def _too_long(desk: Desk, waiver: Waiver, approved: datetime) -> str:
    tier = desk.project.tier
    rules = limits.load(desk.settings.root, "waivers", tier, desk.project.jurisdictions)
    longest = rules.number("waiver", "longest_days")
    if ends(waiver) - approved > timedelta(days=longest + 1):
        return f"it would act longer than {longest:.0f} days, the longest in tier {tier} ({LIMITS})"
    return ""


def approve(desk: Desk, name: str, by: Identity) -> str:
    """Sign an approval of one waiver; return its digest.

    Raises BadInput when there is no such waiver, Refused when it would not act or by whom.
    """
    found = [waiver for entry, waiver in read(desk.settings.root) if entry == name]
    if len(found) != 1:
        raise BadInput(f"{FILE} has {len(found)} waivers {name!r}.", remedy="name one of its ids")
    waiver = found[0]
    if isinstance(waiver, str):
        raise BadInput(f"Waiver {name}: {waiver}.", remedy=f"correct {FILE}")
    identity.duties(desk.settings.root).require(by, "waive")
    ledger = Ledger(desk.settings)
    now = clock.after(ledger.latest_time())
    wrong = unfit(desk, waiver, now) or _too_long(desk, waiver, now)
    if identity.same_person(by.subject, waiver.requester):
        wrong = f"{by.subject} asked for it"
    if wrong:
        raise Refused(f"Waiver {name} is not approved: {wrong}.", remedy=f"correct {FILE}, or ask "
                      "another person who may waive")  # fmt: skip
    return ledger.append(
        WaiverApproval(waiver=waiver.digest, requirement=waiver.requirement, by=by.actor(), at=now)
    )


# control: GATE-10
def applied(item: Judged, verdicts: Iterable[Verdict]) -> Judged:
    """Return the requirement as waived, when it is unmet and a waiver for it acts."""
    for verdict in verdicts:
        waiver = verdict.waiver
        meant = waiver is not None and waiver.requirement == item.requirement.id
        if waiver and verdict.acts and meant and item.result in CURABLE:
            why = f"waived until {waiver.expires} by {verdict.approver}; {waiver.compensating}"
            return Judged(item.room, item.requirement, item.level, "waived",
                              f"{why} (it is {item.result}: {item.why})", item.remedy,
                              item.tests, waiver.id)  # fmt: skip
    return item


def plan_of_action(judged: Iterable[Judged], verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """Return what is open and until when, as a plan of action and milestones (JSON data)."""
    return {
        "kind": "redoubt/plan-of-action/1",
        "at": clock.now().isoformat(),
        "waivers": [_row(verdict) for verdict in verdicts],
        "open": list(_open(judged)),
    }


# control: GATE-10
def _row(verdict: Verdict) -> dict[str, Any]:
    entry = json.loads(verdict.waiver.model_dump_json()) if verdict.waiver else {"id": verdict.name}
    return entry | {
        "digest": verdict.waiver.digest if verdict.waiver else None,
        "acts": verdict.acts,
        "denied": verdict.denied or None,
        "approver": verdict.approver or None,
        "approved": verdict.approved.isoformat() if verdict.approved else None,
    }


# control: GATE-10
def _open(judged: Iterable[Judged]) -> Iterator[dict[str, Any]]:
    for item in judged:
        if item.result in ("pass", "off"):
            continue
        plan = item.requirement.planned
        yield {
            "control": item.room.id,
            "requirement": item.requirement.id,
            "claim": item.requirement.claim,
            "result": item.result,
            "level": item.level,
            "why": item.why,
            "remedy": item.remedy,
            "waiver": item.waiver or None,
            "planned": plan.model_dump() if plan else None,
        }
