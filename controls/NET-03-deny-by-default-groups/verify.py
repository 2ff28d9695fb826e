"""Proves NET-03: nothing passes a security group or a network ACL that is not named."""

import re

from redoubt.infra.ranges import public
from redoubt.infra.reading import Resource
from redoubt.infra.separation import given
from redoubt.proof import proves

RULES = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
# Any port of the groups that hold what the rest works with.
INMOST = re.compile(r"-to-(database|secrets)-\d")
LISTS = ("aws_ec2_managed_prefix_list", "aws_ec2_managed_prefix_list_entry")


def written(item: Resource) -> list[str]:
    """Return which sides of a group are written into it; AWS computes them where they are not."""
    return [side for side in ("ingress", "egress") if item.has(side) or side in item.expressions]


@proves("NET-03.1")
def test_the_default_group_is_taken_over_and_holds_no_rule(planned):
    groups = planned.of("aws_default_security_group")
    assert len(groups) == len(planned.of("aws_vpc")) == 1
    assert [written(item) for item in groups] == [[]]
    late = [one for rule in planned.of(*RULES) for one in rule.references("security_group_id")]
    assert [one for one in late if "default_security_group" in one] == []


@proves("NET-03.2")
def test_every_rule_is_from_group_to_group_or_names_a_prefix_list(planned):
    rules = planned.of(*RULES)
    assert {item.type for item in rules} == set(RULES)
    named = [item for item in rules
             if item.has("referenced_security_group_id") != item.has("prefix_list_id")]  # fmt: skip
    assert [item.address for item in rules if item not in named] == []
    assert [
        i.address for i in rules if i.values.get("cidr_ipv4") or i.values.get("cidr_ipv6")
    ] == []
    lists = {one for i in rules if (one := i.values.get("prefix_list_id"))}
    assert lists <= set(given(planned, "client_prefix_list_ids"))
    wide = [i.address for i in rules if i.values["ip_protocol"] == "-1" or i.values["from_port"] != i.values["to_port"]]  # fmt: skip
    assert wide == []


@proves("NET-03.3")
def test_no_rule_stands_where_it_would_not_be_looked_for(planned):
    groups = planned.of("aws_security_group")
    assert [item.address for item in groups if written(item)] == []
    assert [item.address for item in planned.of("aws_security_group_rule")] == []


@proves("NET-03.4")
def test_network_acls_and_prefix_lists_name_ranges_and_the_default_acl_passes_nothing(planned):
    kinds = "aws_network_acl_rule", "aws_network_acl", *LISTS
    assert planned.of("aws_network_acl_rule")
    s3 = given(planned, "s3_cidrs")
    assert [(i.address, out) for i in planned.of(*kinds) if (out := public(i.values, *s3))] == []
    assert [one for one in s3 if int(one.partition("/")[2]) < 12] == []
    assert [written(item) for item in planned.of("aws_default_network_acl")] == [[]]


@proves("NET-03.5")
def test_database_and_store_are_entered_by_their_own_front_only(planned):
    rules = planned.of("aws_vpc_security_group_ingress_rule")
    entered = {i.address.split('"')[1] for i in rules if INMOST.search(i.address)}  # fmt: skip
    assert entered == {"tracking-to-database-5432", "secrets-balancer-to-secrets-8200",
                       "secrets-to-secrets-8200", "secrets-to-secrets-8201"}  # fmt: skip
