"""What no longer is as it was applied: the address, what changed, and the controls that it serves.

Controls are read where they are written: from the ``# control: XXX-NN`` comments in and above the
resource's own block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from redoubt.infra import opened, planning, sandbox, summary

CONTROL = re.compile(r"#\s*control:\s*([A-Z]+-\d{2})")
INDEX = re.compile(r"\[(?:\"[^\"]*\"|\d+)\]")


@dataclass(frozen=True)
class Drift:
    """One resource that differs from the configuration."""

    address: str
    verb: str
    changed: tuple[str, ...]  # names of attributes, sorted; empty when the resource is gone or new
    outside: bool  # True when AWS differs from the state: somebody changed it by another way
    controls: tuple[str, ...]

    def line(self) -> str:
        """Return it in one line."""
        why = "changed outside Terraform" if self.outside else "not as the configuration says"
        what = f": {', '.join(self.changed)}" if self.changed else ""
        ids = ", ".join(self.controls) or "no control"
        return f"{self.address} ({self.verb}, {why}){what} [{ids}]"


def look(root: Path, state: Path, environment: str) -> list[Drift]:
    """Plan one environment against what stands in AWS now, and return every drift.

    Raises BadInput while an answer is still a placeholder, Unavailable without Terraform, Refused
    with Terraform's own words when it cannot plan, such as when another run holds the state.
    """
    place = state / "plans" / environment
    place.mkdir(parents=True, exist_ok=True)
    with planning.signed_in(root, environment) as tool:
        plan = tool.plan(sandbox.variables(environment), name=str(place / "drift.tfplan"))
    return found(plan, root / "infra")


def found(plan: Mapping[str, Any], infra: Path) -> list[Drift]:
    """Return every drift that a plan shows, in order of address."""
    outside = {item["address"] for item in plan.get("resource_drift", [])}
    drifts = [
        Drift(
            item["address"], verb, changed(item["change"]), item["address"] in outside,
            controls(plan, infra, item["address"]),
        )
        for verb, item in summary.changes(plan)
    ]  # fmt: skip
    drifts += [
        Drift(
            address, "opened", tuple(f"{way} {_words(rule)}" for way in ways for rule in ways[way]),
            True, controls(plan, infra, address),
        )
        for address, ways in opened.by_hand(plan).items()
    ]  # fmt: skip
    return sorted(drifts, key=lambda drift: drift.address)


def _words(rule: opened.Rule) -> str:
    protocol, first, last, end = rule
    ports = str(first) if first == last else f"{first}-{last}"
    return f"{protocol} {ports} {end}"


def changed(change: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the attributes that a change would write, sorted; empty when all comes or goes."""
    before, after = change.get("before"), change.get("after")
    if not before or not after:
        return ()
    unknown = change.get("after_unknown") or {}
    names = {n for n in before.keys() | after.keys() if _set(before, n) != _set(after, n)}
    # What only becomes known by the change is its consequence.
    return tuple(sorted(n for n in names if not (n not in after and unknown.get(n))))


def _set(values: Mapping[str, Any], name: str) -> Any:
    """Return an attribute, None where nobody set it: AWS then answers an empty text, a plan null."""
    return None if values.get(name) == "" else values.get(name)


def controls(plan: Mapping[str, Any], infra: Path, address: str) -> tuple[str, ...]:
    """Return the ids that the block of a resource carries, sorted."""
    words = INDEX.sub("", address).split(".")
    block = _block(infra / folder(plan, address), words[-2], words[-1])
    return tuple(sorted(set(CONTROL.findall(block))))


def folder(plan: Mapping[str, Any], address: str) -> PurePosixPath:
    """Return where the files of a resource's module lie, relative to the root's."""
    words = INDEX.sub("", address).split(".")
    module, place = plan["configuration"]["root_module"], PurePosixPath()
    for name in [words[i + 1] for i in range(0, len(words) - 2, 2) if words[i] == "module"]:
        call = module["module_calls"][name]
        for part in PurePosixPath(call["source"]).parts:
            place = place.parent if part == ".." else place / part
        module = call["module"]
    return place


def _block(folder: Path, kind: str, name: str) -> str:
    """Return the text of a resource's block with the comments right above it."""
    begin = re.compile(rf'((?:^#[^\n]*\n)*)^resource "{kind}" "{name}" \{{\n.*?^\}}', re.M | re.S)
    for path in sorted(folder.glob("*.tf")):
        match = begin.search(path.read_text()) if not path.name.startswith("zz_") else None
        if match:
            return match[0]
    return ""


def lines(drifts: list[Drift]) -> Iterator[str]:
    """Yield the report: how many, then one line each."""
    if not drifts:
        yield "No drift: everything is as the configuration says."
        return
    yield f"{len(drifts)} resource(s) differ:"
    yield from (f"  {drift.line()}" for drift in drifts)
