"""Proves NET-01: what the plan would make has no way to the internet and no public address."""

from redoubt.infra.reading import named, texts
from redoubt.proof import proves

GATEWAYS = r"aws_(internet|egress_only_internet|nat|vpn|customer|transit|ec2_transit|carrier)_?\w*gateway\w*|aws_eip\w*"
OPEN = {"0.0.0.0/0", "::/0"}
ADDRESSES = frozenset({
    "map_public_ip_on_launch", "map_customer_owned_ip_on_launch", "assign_ipv6_address_on_creation",
    "assign_public_ip", "associate_public_ip_address", "publicly_accessible",
})  # fmt: skip


@proves("NET-01.1")
def test_there_is_no_gateway_to_the_outside_and_no_elastic_address(planned):
    assert len(planned.of("aws_vpc")) == 1
    assert [item.address for item in planned.like(GATEWAYS)] == []


@proves("NET-01.2")
def test_no_route_leads_to_everywhere_and_no_subnet_is_left_to_the_default_table(planned):
    routes = planned.of("aws_route", "aws_route_table", "aws_default_route_table")
    assert [item.address for item in routes if OPEN & set(texts(item.values))] == []
    assert len(planned.of("aws_route_table_association")) == len(planned.of("aws_subnet")) > 0
    assert [item.values["route"] for item in planned.of("aws_default_route_table")] == [[]]


@proves("NET-01.3")
def test_nothing_is_given_a_public_address(planned):
    given = [(i.address, n, v) for i in planned.resources for n, v in named(i.values, ADDRESSES)]
    assert {"map_public_ip_on_launch", "assign_public_ip", "publicly_accessible"} <= {
        n for _, n, _ in given
    }
    assert [(address, name) for address, name, value in given if value not in (False, None)] == []


@proves("NET-01.4")
def test_every_load_balancer_is_internal(planned):
    balancers = planned.of("aws_lb", "aws_alb", "aws_elb")
    assert balancers
    assert [item.address for item in balancers if item.values["internal"] is not True] == []
