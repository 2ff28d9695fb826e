"""Proves NET-01: what the plan would make has no way to the internet and no public address."""

from redoubt.infra.ranges import public
from redoubt.infra.reading import named, provisioned
from redoubt.infra.separation import given as said
from redoubt.proof import proves

# A default VPC of AWS comes with a gateway to the internet; the other doors lead to it by themselves.
GATEWAYS = (r"aws_(internet|egress_only_internet|nat|vpn|customer|transit|ec2_transit|carrier)_?\w*gateway\w*|aws_eip\w*"
            r"|aws_(default_(vpc|subnet)|vpn_\w+|dx_\w+|ec2_client_vpn\w*|ec2_instance_connect_endpoint"
            r"|route53_resolver_(endpoint|rule\w*)|networkmanager_\w+|workspaces_\w+)")  # fmt: skip
LISTS = frozenset({"destination_prefix_list_id"})
ADDRESSES = frozenset({
    "map_public_ip_on_launch", "map_customer_owned_ip_on_launch", "assign_ipv6_address_on_creation",
    "assign_public_ip", "associate_public_ip_address", "publicly_accessible",
})  # fmt: skip


@proves("NET-01.1")
def test_there_is_no_gateway_to_the_outside_and_no_elastic_address(planned):
    assert len(planned.of("aws_vpc")) == 1
    assert [item.address for item in planned.like(GATEWAYS)] == []
    assert provisioned(planned) == []


@proves("NET-01.2")
def test_no_route_leads_to_everywhere_and_no_subnet_is_left_to_the_default_table(planned):
    routes = planned.of("aws_route", "aws_route_table", "aws_default_route_table")
    assert [(item.address, out) for item in routes if (out := public(item.values))] == []
    lists = {one for item in routes for _, one in named(item.values, LISTS) if one}
    assert lists <= set(said(planned, "client_prefix_list_ids"))
    assert len(planned.of("aws_route_table_association")) == len(planned.of("aws_subnet")) > 0
    assert [item.values["route"] for item in planned.of("aws_default_route_table")] == [[]]


@proves("NET-01.3")
def test_nothing_is_given_a_public_address(planned, network_ids):
    given = [(i.address, n, v) for i in planned.resources for n, v in named(i.values, ADDRESSES)]
    assert {"map_public_ip_on_launch", "assign_public_ip", "publicly_accessible"} <= {
        n for _, n, _ in given
    }
    assert [(address, name) for address, name, value in given if value not in (False, None)] == []
    # What stands in a subnet that this plan does not make may be public.
    assert network_ids == []


@proves("NET-01.4")
def test_every_load_balancer_is_internal(planned):
    balancers = planned.of("aws_lb", "aws_alb", "aws_elb")
    assert balancers
    assert [item.address for item in balancers if item.values["internal"] is not True] == []


@proves("NET-01.5")
def test_only_known_names_are_looked_up_also_when_the_firewall_cannot_answer(planned):
    rules = planned.of("aws_route53_resolver_firewall_rule")
    last = max(rules, key=lambda one: one.values["priority"], default=None)
    assert last is not None
    assert last.values["action"] == "BLOCK"
    lists = {name[len(one.module):].partition("[")[2]: one.values["domains"] for one in
             planned.of("aws_route53_resolver_firewall_domain_list") for name in [one.address]}  # fmt: skip
    assert lists.pop(last.address[len(last.module) :].partition("[")[2]) == ["*"]
    endings = (f".{said(planned, 'region')}.", *said(planned, "domains"))
    assert [
        d for known in lists.values() for d in known if not any(end in d for end in endings)
    ] == []
    assert planned.values("aws_route53_resolver_firewall_config", "firewall_fail_open") == [
        "DISABLED"
    ]
    assert len(planned.of("aws_route53_resolver_firewall_rule_group_association")) == 1
