"""Whether environments are made of the same: what differs once their own names, account and range are taken out.

What a check finds in one plan then holds for the others too, so most rooms need to read production's only.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from typing import Any

from redoubt.infra.reading import Plan
from redoubt.infra.separation import account, begins

ENCODED = "user_data_base64"
RANGE = re.compile(r"\b\d+\.\d+\.\d+\.\d+/\d+")
Made = dict[str, dict[str, Any]]


def unlike(plan: Plan, other: Plan, but: Iterable[str]) -> list[str]:
    """Return what differs between two environments, sorted, but for what a pattern of ``but`` fits.

    As ``module.a.aws_b.c["key"]: attribute``; only the address where one of them lacks the resource.
    """
    here, there = made(plan), made(other)
    found = here.keys() ^ there.keys()
    for address in here.keys() & there.keys():
        one, two = here[address], there[address]
        names = {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)}
        found |= {f"{address}: {name}" for name in names}
    known = [re.compile(pattern) for pattern in but]
    return sorted(one for one in found if not any(pattern.fullmatch(one) for pattern in known))


def made(plan: Plan) -> Made:
    """Return address -> attribute -> (value, what of it is unknown), without the environment's names."""
    own = [IPv4Network(item.values["cidr_block"]) for item in plan.of("aws_vpc")]
    read = {
        item.address: {
            name: [_text(name, item.values.get(name)), item.unknown.get(name)]
            for name in item.values.keys() | item.unknown.keys()
        }
        for item in plan.resources
    }
    text = json.dumps(read, sort_keys=True)
    for name, mark in _names(plan):
        text = text.replace(name, mark)
    found: Made = json.loads(RANGE.sub(lambda one: _place(one[0], own), text))
    return found


def _text(name: str, value: Any) -> Any:
    """Return a value as it can be read: what a machine starts by is written in base 64."""
    return base64.b64decode(value).decode() if name == ENCODED and value else value


def _names(plan: Plan) -> Iterator[tuple[str, str]]:
    prefix = begins(plan, plan.environment)
    yield prefix, "PREFIX-"
    yield prefix.replace("-", "_"), "PREFIX_"
    yield prefix.removesuffix("-"), "PREFIX"
    yield account(plan), "ACCOUNT"
    # As a whole value, also of a JSON text inside the JSON, and as a forge says it of a run.
    for before, after in (('"', '"'), (r"\"", r"\""), (":environment:", ""), (":ref:", "")):
        yield f"{before}{plan.environment}{after}", f"{before}ENVIRONMENT{after}"


def _place(text: str, own: list[IPv4Network]) -> str:
    """Return a range inside the environment's own as its place there."""
    found = IPv4Network(text, strict=False)
    around = next((one for one in own if found.subnet_of(one)), None)
    return f"+{int(found[0]) - int(around[0])}/{found.prefixlen}" if around else text
