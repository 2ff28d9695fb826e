"""Whether each gap of the AWS emulator is still one, and whether the plan shows what it promises."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from redoubt.infra import drift, summary
from redoubt.infra.emulator.gaps import Gap


def differences(plan: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return ``module/type.name.attribute`` -> addresses of everything that a plan would change.

    The attribute is left out where a whole resource would come or go.
    """
    found: dict[str, list[str]] = {}
    for verb, item in summary.changes(plan):
        module = drift.folder(plan, item["address"]).name
        names = drift.changed(item["change"])
        if verb == "change" and not names:
            continue  # only becomes known by another change
        for name in names or ("",):
            place = f"{module}/{item['type']}.{item['name']}" + (f".{name}" if name else "")
            found.setdefault(place, []).append(item["address"])
    return found


def unneeded(shown: Mapping[str, Any], gaps: Iterable[Gap]) -> list[str]:
    """Return the ignored attributes that the differences of a plan without them do not have.

    One that says ``value: unsteady`` differs in some runs only, so it cannot be told to be needless.
    """
    steady = [gap for gap in gaps if gap.kind == "ignored" and gap.value != "unsteady"]
    return [str(gap) for gap in steady if gap.place not in shown]


def unnamed(shown: Mapping[str, list[str]], gaps: Iterable[Gap]) -> list[str]:
    """Return the differences of that plan which no gap names, each with its addresses."""
    named = {gap.place for gap in gaps if gap.kind == "ignored"}
    return [f"{place}: {', '.join(shown[place])}" for place in sorted(set(shown) - named)]


def refusals(log: str) -> set[str]:
    """Return the type.name of every resource that a machine-readable apply says failed."""
    found = set()
    for line in log.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        address = event.get("diagnostic", {}).get("address") or event.get("hook", {}).get(
            "resource", {}
        ).get("addr", "")
        failed = event.get("type") == "apply_errored" or event.get("@level") == "error"
        if failed and address:
            found.add(".".join(drift.INDEX.sub("", address).split(".")[-2:]))
    return found


def supported(failed: Collection[str], gaps: Iterable[Gap]) -> list[str]:
    """Return the absent resources which an apply with them did not refuse: moto has them by now."""
    absent = [gap for gap in gaps if gap.kind == "absent" and not gap.follows]
    return [str(gap) for gap in absent if gap.resource not in failed]


def broken_promises(plan: Mapping[str, Any], gaps: Iterable[Gap]) -> list[str]:
    """Return what gaps.yml says of the plan without an emulator, and the plan does not show."""
    return [line for gap in gaps for line in _promise(plan, gap)]


def _promise(plan: Mapping[str, Any], gap: Gap) -> list[str]:
    items = [item for _, item in summary.changes(plan)]
    if gap.kind == "variable":
        counts = Counter(item["type"] for item in items)
        wrong = {kind: counts[kind] for kind, count in gap.planned.items() if counts[kind] != count}
        return [f"{gap}: the plan has {wrong}, not {gap.planned}"] if wrong else []
    mine = [
        item for item in items
        if f"{item['type']}.{item['name']}" == gap.resource
        and drift.folder(plan, item["address"]).name == gap.module
    ]  # fmt: skip
    if gap.kind != "ignored":
        bad = len(mine) != gap.planned
        return [f"{gap}: the plan has {len(mine)}, not {gap.planned}"] if bad else []
    values = [_value(item["change"], gap.attribute) for item in mine]
    bad = not values or not all(_meant(value, gap.planned) for value in values)
    return [f"{gap}: the plan has {values}, not {gap.planned}"] if bad else []


def _meant(value: Any, planned: Sequence[Any]) -> bool:
    return value in planned or ("known" in planned and value is not None)


def _value(change: Mapping[str, Any], attribute: str) -> Any:
    """Return a planned value, or {} for a map or block, or ``known after apply``."""
    value = change["after"].get(attribute)
    if value is None and (change.get("after_unknown") or {}).get(attribute):
        return "known after apply"
    return {} if value and isinstance(value, dict | list) else value
