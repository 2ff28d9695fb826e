"""What a killed apply had made and not yet written down: known by its refusal, taken over by import.

Terraform writes a resource into the state when it is whole. Killed before that, it makes it again; AWS
refuses a second one of the same name, and takes a second one of what has no name: that is a stray.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from redoubt.errors import Refused
from redoubt.infra import drift, summary
from redoubt.infra.emulator import listing
from redoubt.infra.emulator.account import Account
from redoubt.infra.emulator.clients import Client

FILE = "zz_adopted.tf"
THERE = re.compile(r"already ?exist|AlreadyOwnedByYou|Duplicate|already owned", re.I)
ADDRESS = re.compile(r"^\W*with (\S+),$", re.M)
# Kinds that AWS makes a second time without a word, and the type of their resource. A task definition has
# a name, and gets another revision.
NAMELESS = {
    "endpoints": "aws_vpc_endpoint", "flow logs": "aws_flow_log", "gateways": "aws_api_gateway_rest_api",
    "interfaces": "aws_network_interface", "keys": "aws_kms_key",
    "task definitions": "aws_ecs_task_definition", "loose volumes": "aws_ebs_volume",
}  # fmt: skip


def _balancer(client: Client, name: str) -> str:
    (found,) = client("elbv2").describe_load_balancers(Names=[name])["LoadBalancers"]
    return str(found["LoadBalancerArn"])


def _itself(client: Client, name: str) -> str:
    return name


# How each type is called for an import: the attribute with its name, and what makes an id of that.
NAMES: dict[str, tuple[str, Callable[[Client, str], str]]] = {
    "aws_cloudwatch_log_group": ("name", _itself),
    "aws_db_instance": ("identifier", _itself),
    "aws_ecr_repository": ("name", _itself),
    "aws_ecs_cluster": ("name", _itself),
    "aws_iam_role": ("name", _itself),
    "aws_kms_alias": ("name", _itself),
    "aws_lb": ("name", _balancer),
    "aws_s3_bucket": ("bucket", _itself),
}


def refused(errors: str) -> list[str]:
    """Return the addresses that Terraform's errors say are there already."""
    blocks = re.split(r"^\W*Error: ", errors, flags=re.M)[1:]
    return sorted({
        match[1] for block in blocks if THERE.search(block) and (match := ADDRESS.search(block))
    })  # fmt: skip


@contextmanager
def importing(at: Account, plan: Mapping[str, Any], addresses: list[str]) -> Iterator[None]:
    """Let an apply in this block take over what stands; ``plan`` says how each is called.

    Raises Refused for a type that nobody has said how to call.
    """
    planned = {item["address"]: item for _, item in summary.changes(plan)}
    text = "".join(_block(at, planned[address]) for address in addresses)
    path = at.tool.folder / FILE
    path.write_text(text)
    try:
        yield
    finally:
        path.unlink()


def _block(at: Account, item: Mapping[str, Any]) -> str:
    if item["type"] not in NAMES:
        raise Refused(
            f"{item['address']} stands already, and no name of {item['type']} is known.",
            remedy="import it by hand, or say in adopted.NAMES how it is called",
        )
    attribute, identify = NAMES[item["type"]]
    name = identify(at.client, item["change"]["after"][attribute])
    return f"import {{\n  to = {item['address']}\n  id = {json.dumps(name)}\n}}\n"


def strays(at: Account, unfinished: Iterable[str]) -> dict[str, list[str]]:
    """Return what stands, has no name, and no state knows, by type: only what was in the air can be."""
    air = {drift.INDEX.sub("", address).split(".")[-2] for address in unfinished}
    new = listing.left(at.client, at.before)
    known = {*at.known().values(), *at.known("arn").values()}
    found = {kind: sorted(set(new.get(name, [])) - known)
             for name, kind in NAMELESS.items() if kind in air}  # fmt: skip
    return {kind: names for kind, names in found.items() if names}
