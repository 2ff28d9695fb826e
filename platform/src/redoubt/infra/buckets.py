"""The buckets of a plan, each with what is set up for it: lock, lifecycle, policy, logging, encryption."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redoubt.infra.reading import Plan, Resource

KIND = "aws_s3_bucket"


@dataclass(frozen=True)
class Bucket:
    """One bucket: its name, and its parts by kind, such as ``policy`` or ``versioning``."""

    name: str
    parts: Mapping[str, Resource]

    def part(self, kind: str) -> Mapping[str, Any]:
        """Return the planned values of a part; none when the bucket has no such part."""
        return self.parts[kind].values if kind in self.parts else {}

    def statements(self) -> list[dict[str, Any]]:
        """Return the statements of the bucket policy; none when there is none, or it is unknown."""
        return self.parts["policy"].policy() if "policy" in self.parts else []

    def lock(self) -> tuple[str, int] | None:
        """Return (mode, days) of the default object lock, or None."""
        rules = self.part("object_lock_configuration").get("rule") or []
        kept = [item for rule in rules for item in rule["default_retention"]]
        return (kept[0]["mode"], kept[0]["days"] or 365 * (kept[0]["years"] or 0)) if kept else None

    def lives(self) -> set[tuple[int, bool]]:
        """Return (days until objects expire, does that hold for the whole bucket) of each rule in force.

        A rule that ends all at a date counts no days: whatever is uploaded before goes then.
        """
        return {
            (found["days"] or 0, _whole(rule))
            for rule in self.part("lifecycle_configuration").get("rule") or []
            for found in rule["expiration"]
            if rule["status"] == "Enabled" and (found["days"] or found.get("date"))
        }

    def lingers(self) -> list[int]:
        """Return the days that replaced or expired versions stay, of each rule for the whole bucket."""
        return [
            found["noncurrent_days"]
            for rule in self.part("lifecycle_configuration").get("rule") or []
            for found in rule["noncurrent_version_expiration"]
            if rule["status"] == "Enabled" and _whole(rule)
            and not found["newer_noncurrent_versions"]
        ]  # fmt: skip


_EVERYTHING: dict[str, Any] = {
    "and": [], "object_size_greater_than": None, "object_size_less_than": None, "prefix": "", "tag": [],
}  # fmt: skip
# Of these a bucket has one: whatever is written last holds, so a second one undoes the first.
_ONCE = {
    f"{KIND}_{part}" for part in (
        "lifecycle_configuration", "logging", "object_lock_configuration", "policy",
        "public_access_block", "server_side_encryption_configuration", "versioning",
    )
}  # fmt: skip


def _whole(rule: Mapping[str, Any]) -> bool:
    """Say whether a rule is about every object; a prefix may stand beside the filter, as it once did."""
    return rule["filter"] in ([], [_EVERYTHING]) and not rule.get("prefix")


def doubled(plan: Plan) -> list[str]:
    """Return the parts that a bucket has twice, or whose bucket is none of the plan."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for item in plan.of(*_ONCE):
        for owner in [one.address for one in _owners(plan, item)] or [""]:
            found[owner, item.type].append(item.address)
    return sorted(
        address
        for (owner, _), all_ in found.items()
        if len(all_) > 1 or not owner
        for address in all_
    )


def buckets(plan: Plan) -> dict[str, Bucket]:
    """Return the buckets by name."""
    parts: dict[str, dict[str, Resource]] = defaultdict(dict)
    for item in plan.like(rf"{KIND}_\w+"):
        for owner in _owners(plan, item):
            parts[owner.address][item.type.removeprefix(f"{KIND}_")] = item
    return {
        item.values["bucket"]: Bucket(item.values["bucket"], parts[item.address])
        for item in plan.of(KIND)
    }


def _owners(plan: Plan, item: Resource) -> list[Resource]:
    """Return the buckets that a part is for: by name, or by what its ``bucket`` refers to."""
    name = item.values.get("bucket")
    if name:
        return [one for one in plan.of(KIND) if one.values["bucket"] == name]
    found: list[Resource] = []
    for other in plan.referred(item, "bucket"):
        found += [other] if other.type == KIND else _owners(plan, other)
    # Where buckets are made for each key, their parts are too, under the same key.
    same = [one for one in found if one.address.endswith("]") and _key(one) == _key(item)]
    return same or found


def _key(item: Resource) -> str:
    return item.address.removeprefix(item.module).partition("[")[2]
