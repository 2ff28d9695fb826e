"""Proves NET-06: nothing of an environment trusts, names or shares anything of another."""

import json
import re
from ipaddress import ip_network
from itertools import combinations

from redoubt.infra.likeness import unlike
from redoubt.infra.ranges import ranges, within
from redoubt.infra.reading import named
from redoubt.infra.separation import SHORT, account, begins, foreign, granted, neighbour
from redoubt.infra.statements import actions, allows, listed, policies, principals, unread
from redoubt.proof import proves

PULL = {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
LINKS = (r"aws_(vpc_peering_\w+|ec2_transit_gateway\w*|ram_\w+|networkmanager_\w+|dx_\w+|vpn_\w+"
         r"|vpc_endpoint_service\w*|route53_zone_association|vpclattice_\w+)")  # fmt: skip
VPCS = ("aws_vpc", "aws_vpc_ipv4_cidr_block_association")
NAMES = {"aws_kms_alias": "name", "aws_ecr_repository": "name", "aws_s3_bucket": "bucket"}
# Another room says of each what it has to be: lifecycles DAT-08, locks DAT-02 and MON-02, copies NET-06.
DIFFERS = (
    r"module\.backup\.aws_backup_vault_lock_configuration\.this: changeable_for_days",
    r'module\.identity\.aws_iam_role_policy\.this\["(ci|deployer)"\]: policy',
    r'module\.registry\.aws_ecr_(lifecycle|repository)_policy\.this\["\w+"\]: policy',
    r"module\.storage\..*\.aws_s3_bucket_(lifecycle|object_lock)_configuration\..*: rule",
    r"module\.tracking\.aws_ecs_service\.this: desired_count",
)
READER = 'module.identity.aws_iam_role_policy.this["deployer"]'


@proves("NET-06.1")
def test_each_environment_is_an_account_with_a_state_of_its_own(planned, backends):
    accounts = {name: account(planned, name) for name in SHORT}
    assert len(set(accounts.values())) == 3
    # A second provider would reach another account beside this one.
    assert backends["providers"] == {"bootstrap/main.tf": "aws", "terraform.tf": "aws"}
    assert backends["provider"].get("allowed_account_ids") == "[local.account_id]"
    assert backends["all"] == {"use_lockfile": "true", "encrypt": "true"}
    own = {name: backends[name]["bucket"] for name in SHORT if name in backends}
    assert [name for name, bucket in own.items() if accounts[name] not in bucket] == []


@proves("NET-06.2")
def test_no_policy_lets_another_environment_in_but_to_copy_images_upwards(planned_all):
    for plan in planned_all:
        assert unread(plan) == []
        # Whoever lets in everybody, or all but somebody, lets in the environments beside it too.
        assert [p.owner.address for p in policies(plan) for s in p.statements if p.owner.type != "aws_vpc_endpoint"
                and allows(s) and ("*" in principals(s) or "NotPrincipal" in s)] == []  # fmt: skip
        above = neighbour(plan, 1)
        let = [(p.owner.type, tuple(principals(s))) for p, s in granted(plan)
               if p.owner.address != READER]  # fmt: skip
        copier = above and f"arn:aws:iam::{account(plan, above)}:role/{begins(plan, above)}deployer"
        assert set(let) == ({("aws_ecr_repository_policy", (copier,))} if above else set())


@proves("NET-06.3")
def test_the_promotion_role_only_pulls_from_the_environment_directly_below(planned_all):
    for plan in planned_all:
        assert all(set(actions(s)) == PULL for _, s in granted(plan))
        read = [r for p, s in granted(plan) if p.owner.address == READER for r in listed(s["Resource"])]  # fmt: skip
        below = neighbour(plan, -1)
        start = below and f":{account(plan, below)}:repository/{begins(plan, below)}"
        assert [one for one in read if not (start and start in one and "*" not in one)] == []
        assert bool(read) is bool(below), plan.environment


@proves("NET-06.4")
def test_what_runs_is_named_by_digest_in_the_registry_of_its_own_account(planned):
    tasks = planned.values("aws_ecs_task_definition", "container_definitions")
    images = [one["image"] for task in tasks for one in json.loads(task)]
    assert images
    ours = re.compile(rf"{account(planned)}\.dkr\.ecr\.[\w.-]+/[\w/-]+@sha256:[0-9a-f]{{64}}")
    assert [image for image in images if not ours.fullmatch(image)] == []


@proves("NET-06.5")
def test_ranges_do_not_overlap_and_no_network_is_joined_to_another(planned_all):
    own = [ip_network(cidr) for plan in planned_all for kind in VPCS for cidr in plan.values(kind, "cidr_block")]  # fmt: skip
    assert len(own) == 3
    assert [pair for pair in combinations(own, 2) if pair[0].overlaps(pair[1])] == []
    assert [item.address for plan in planned_all for item in plan.like(LINKS)] == []
    routes = [item for plan in planned_all for item in plan.like(r"aws_(default_)?route(_table)?")]
    assert [i.address for i in routes for to in ranges(i.values) if any(within(to, one) for one in own)] == []  # fmt: skip
    peered = frozenset({"vpc_peering_connection_id"})
    assert [i.address for i in routes for _, one in named(i.values, peered) if one] == []


@proves("NET-06.6")
def test_keys_registries_and_buckets_have_names_of_their_own(planned_all):
    for kind, attribute in NAMES.items():
        names = [set(plan.values(kind, attribute)) for plan in planned_all]
        assert all(names)
        assert [a & b for a, b in combinations(names, 2) if a & b] == [], kind


@proves("NET-06.7")
def test_nothing_else_of_a_plan_names_another_environment(planned_all):
    for plan in planned_all:
        named = [i.address for i in plan.resources if foreign(plan, i.values)]
        assert [one for one in named if one != READER
                and "aws_ecr_repository_policy" not in one] == []  # fmt: skip


@proves("NET-06.9")
def test_the_environments_are_made_of_the_same_but_for_what_is_written_here(planned_all):
    production = planned_all[-1]
    assert production.environment == "production"
    assert len(production.resources) > 300
    for plan in planned_all[:-1]:
        assert unlike(plan, production, DIFFERS) == [], plan.environment
