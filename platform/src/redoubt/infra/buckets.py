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
        """Return (days until objects expire, does that hold for the whole bucket) of each rule in force."""
        return {
            (found["days"], rule["filter"] in ([], [_EVERYTHING]))
            for rule in self.part("lifecycle_configuration").get("rule") or []
            for found in rule["expiration"]
            if rule["status"] == "Enabled" and found["days"]
        }

    def lingers(self) -> list[int]:
        """Return the days that replaced or expired versions stay, of each rule for the whole bucket."""
        return [
            found["noncurrent_days"]
            for rule in self.part("lifecycle_configuration").get("rule") or []
            for found in rule["noncurrent_version_expiration"]
            if rule["status"] == "Enabled" and rule["filter"] in ([], [_EVERYTHING])
            and not found["newer_noncurrent_versions"]
        ]  # fmt: skip


_EVERYTHING: dict[str, Any] = {
    "and": [], "object_size_greater_than": None, "object_size_less_than": None, "prefix": "", "tag": [],
}  # fmt: skip


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
