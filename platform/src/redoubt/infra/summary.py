"""A plan in a person's words: what changes, what touches data, and what will cost money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from redoubt import plain_yaml

Change = Mapping[str, Any]
# What holds data, or the only way to it: losing or replacing one of these loses what is in it.
DATA = frozenset({
    "aws_s3_bucket", "aws_s3_bucket_policy", "aws_s3_bucket_versioning", "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_object_lock_configuration", "aws_s3_bucket_server_side_encryption_configuration",
    "aws_db_instance", "aws_ebs_volume", "aws_ecr_repository", "aws_kms_key", "aws_kms_key_policy",
    "aws_secretsmanager_secret", "aws_backup_vault", "aws_backup_plan", "aws_cloudtrail",
})  # fmt: skip
VERBS = {
    ("create",): "create", ("update",): "change", ("delete",): "destroy",
    ("delete", "create"): "replace", ("create", "delete"): "replace",
}  # fmt: skip

PRICES = "platform/src/redoubt/infra/prices.yml"


def changes(plan: Mapping[str, Any]) -> list[tuple[str, Change]]:
    """Return (verb, change) of every managed resource that a plan would touch."""
    found = []
    for item in plan.get("resource_changes", []):
        verb = VERBS.get(tuple(item["change"]["actions"]))
        if verb and item.get("mode") == "managed":
            found.append((verb, item))
    return found


def lines(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield the summary, the gravest first."""
    touched = changes(plan)
    counts = Counter(verb for verb, _ in touched)
    if not touched:
        yield "Nothing changes."
        return
    yield ", ".join(f"{counts[verb]} to {verb}" for verb in
                    ("destroy", "replace", "change", "create") if counts[verb])  # fmt: skip
    for verb in ("destroy", "replace"):
        for _, item in (pair for pair in touched if pair[0] == verb):
            loses = "  LOSES DATA" if item["type"] in DATA else ""
            yield f"  {verb}: {item['address']}{loses}"
    data = sorted({item["address"] for verb, item in touched
                   if item["type"] in DATA and verb in ("create", "change")})  # fmt: skip
    if data:
        yield f"touches data ({len(data)}):"
        yield from (f"  {address}" for address in data)
    yield from _money(touched)


def _money(touched: list[tuple[str, Change]]) -> Iterator[str]:
    """Yield the monthly cost of what a plan would create, by type."""
    table = prices()
    by_type: Counter[str] = Counter()
    total: dict[str, float] = {}
    for verb, item in touched:
        price = table["prices"].get(item["type"])
        if verb != "create" or price is None:
            continue
        amount = month(price, item["change"]["after"], float(table["hours"]))
        if amount:
            by_type[item["type"]] += 1
            total[item["type"]] = total.get(item["type"], 0.0) + amount
    if total:
        yield (
            f"costs about {sum(total.values()):,.0f} {table['currency']} a month before any use "
            f"(list prices remembered on {table['checked']}; what {PRICES} does not list is not counted):"
        )
        for kind, amount in sorted(total.items(), key=lambda pair: -pair[1]):
            yield f"  {by_type[kind]:3d} × {kind}: {amount:,.0f}"


def month(price: Mapping[str, Any], after: Mapping[str, Any], hours: float) -> float:
    """Return what one planned resource costs a month, 0 where the price is not for it."""
    if any(after.get(name) != value for name, value in price.get("only", {}).items()):
        return 0.0
    units = after.get(price["each"]) if "each" in price else 1
    count = len(units) if isinstance(units, list) else int(units or 1)
    if after.get(price.get("twice", "")):
        count *= 2
    return float(price.get("month", 0.0)) + float(price.get("hour", 0.0)) * hours * count


def prices() -> dict[str, Any]:
    """Return the price table as it is written."""
    text = resources.files("redoubt.infra").joinpath("prices.yml").read_text()
    table: dict[str, Any] = plain_yaml.load(text)
    return table
