"""Rules of security groups that nobody planned.

Every rule is a resource of its own, so Terraform passes over one that was added by hand: the group's
live rules are compared with the rules that the state knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Rule = tuple[str, int, int, str]  # protocol, first port, last port, the other end
ENDS = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
FIELDS = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")
KINDS = {
    "ingress": "aws_vpc_security_group_ingress_rule",
    "egress": "aws_vpc_security_group_egress_rule",
}


def resources(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every managed resource of a state as ``terraform show -json`` gives it."""
    modules = [values.get("root_module", {})]
    while modules:
        module = modules.pop()
        yield from (item for item in module.get("resources", []) if item["mode"] == "managed")
        modules += module.get("child_modules", [])


def by_hand(plan: Mapping[str, Any]) -> dict[str, dict[str, list[Rule]]]:
    """Return group address -> direction -> live rules that the refreshed state does not know."""
    known = list(resources(plan.get("prior_state", {}).get("values", {})))
    found: dict[str, dict[str, list[Rule]]] = {}
    for item in known:
        if item["type"] != "aws_security_group":
            continue
        for way, kind in KINDS.items():
            planned = {
                _planned(rule["values"]) for rule in known
                if rule["type"] == kind and rule["values"]["security_group_id"] == item["values"]["id"]
            }  # fmt: skip
            more = sorted(set(_live(item["values"], way)) - planned)
            if more:
                found.setdefault(item["address"], {})[way] = more
    return found


def _live(group: Mapping[str, Any], way: str) -> Iterator[Rule]:
    for block in group.get(way) or []:
        ports = (block["protocol"], int(block["from_port"]), int(block["to_port"]))
        ends = [end for name in ENDS for end in block.get(name) or []]
        if block.get("self"):
            ends.append(group["id"])
        yield from ((*ports, end) for end in ends)


def _planned(rule: Mapping[str, Any]) -> Rule:
    end = next(str(rule[name]) for name in FIELDS if rule.get(name))
    # "-1" is every protocol and has no ports; a live rule then says 0.
    return (rule["ip_protocol"], int(rule.get("from_port") or 0), int(rule.get("to_port") or 0),
            end)  # fmt: skip
