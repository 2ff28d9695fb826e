"""Proves NET-03: nothing passes a security group or a network ACL that is not named."""

from redoubt.infra.reading import Resource, texts
from redoubt.proof import proves

OPEN = {"0.0.0.0/0", "::/0"}
RULES = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")


def written(item: Resource) -> list[str]:
    """Return which sides of a group are written into it; AWS computes them where they are not."""
    return [side for side in ("ingress", "egress") if item.has(side) or side in item.expressions]


@proves("NET-03.1")
def test_the_default_group_is_taken_over_and_holds_no_rule(planned):
    groups = planned.of("aws_default_security_group")
    assert len(groups) == len(planned.of("aws_vpc")) == 1
    assert [written(item) for item in groups] == [[]]


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


@proves("NET-03.3")
def test_no_rule_stands_where_it_would_not_be_looked_for(planned):
    groups = planned.of("aws_security_group")
    assert [item.address for item in groups if written(item)] == []
    assert [item.address for item in planned.of("aws_security_group_rule")] == []


@proves("NET-03.4")
def test_network_acls_and_prefix_lists_name_ranges_and_the_default_acl_passes_nothing(planned):
    kinds = "aws_network_acl_rule", "aws_network_acl", "aws_ec2_managed_prefix_list"
    assert planned.of("aws_network_acl_rule")
    assert [i.address for i in planned.of(*kinds) if OPEN & set(texts(i.values))] == []
    assert [written(item) for item in planned.of("aws_default_network_acl")] == [[]]
