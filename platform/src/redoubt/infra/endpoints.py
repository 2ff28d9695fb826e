"""The endpoints of a plan, and what the workloads behind them may ask of AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator

from redoubt.infra.keys import said
from redoubt.infra.reading import Plan, Resource
from redoubt.infra.separation import account, given
from redoubt.infra.statements import actions, listed, principals
from redoubt.infra.storage import keys

# Who takes a role inside the network: the tasks, and the machines of the secrets store.
INSIDE = {"ec2.amazonaws.com", "ecs-tasks.amazonaws.com"}
# Actions go by the service, endpoints by the end of their name; the rest is called the same.
NAMES = {"cloudwatch": {"monitoring"}, "ecr": {"ecr.api", "ecr.dkr"}}
# Asks for what belongs to AWS itself: the layers of images, which ECR keeps in a bucket of its own.
LAYERS = "ImageLayers"
Statement = dict[str, object]


def made(plan: Plan) -> dict[str, Resource]:
    """Return the endpoints by the end of their service's name, such as ``s3`` or ``ecr.api``."""
    start = f"com.amazonaws.{given(plan, 'region')}."
    return {
        item.values["service_name"].removeprefix(start): item
        for item in plan.of("aws_vpc_endpoint")
    }


def asked(plan: Plan) -> set[str]:
    """Return the endpoints that the roles of workloads need for what they are granted."""
    roles = {f"arn:aws:iam::{account(plan)}:role/{role.values['name']}" for role in inside(plan)}
    services = {
        one.partition(":")[0] for who, s in said(plan) if who in roles for one in actions(s)
    }
    return set().union(*(NAMES.get(service, {service}) for service in services))


def inside(plan: Plan) -> list[Resource]:
    """Return the roles that something inside the network takes."""
    return [role for role in plan.of("aws_iam_role")
            if INSIDE & {who for s in role.policy("assume_role_policy") for who in principals(s)}]  # fmt: skip


def strange(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield (endpoint, resource) of every allow that reaches what is not this environment's.

    A resource of "*" is ours where the condition asks whose it is.
    """
    buckets = {f"arn:aws:s3:::{name}" for name in plan.values("aws_s3_bucket", "bucket")}
    ours = buckets | {f"{arn}/*" for arn in buckets} | keys(plan)
    for name, item in made(plan).items():
        for statement in item.policy():
            asks = "aws:ResourceOrgID" in json.dumps(statement.get("Condition"))
            for arn in listed(statement.get("Resource")):
                own = arn in ours or (name not in ("kms", "s3") and arn.split(":")[4:5] == [account(plan)])  # fmt: skip
                if not own and not (arn == "*" and asks) and statement.get("Sid") != LAYERS:
                    yield name, arn
