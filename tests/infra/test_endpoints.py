"""What leaves the network is read from a plan as it stands: endpoints, who asks, and for whose resources."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from redoubt.infra import endpoints, store
from redoubt.infra.reading import Plan

from .test_statements import rule, small

US = "111122223333"


def task(name: str, *allowed: str) -> tuple[dict[str, Any], ...]:
    """Return a role that tasks take, and its own policy."""
    trust = rule(Principal={"Service": "ecs-tasks.amazonaws.com"}, Action="sts:AssumeRole")
    refers = {"policy": {"references": []}, "role": {"references": [f"aws_iam_role.{name}.id"]}}
    return (
        {"address": f"aws_iam_role.{name}", "values": {"name": name, "assume_role_policy": trust}},
        {"address": f"aws_iam_role_policy.{name}", "expressions": refers,
         "values": {"policy": rule(Action=allowed, Resource="*")}},
    )  # fmt: skip


def endpoint(service: str, **statement: Any) -> dict[str, Any]:
    return {"address": f"aws_vpc_endpoint.{service.replace('.', '_')}",
            "values": {"service_name": f"com.amazonaws.eu-central-1.{service}", "policy": rule(**statement)}}  # fmt: skip


def test_each_service_that_a_workload_may_ask_needs_its_endpoints() -> None:
    person = {"address": "aws_iam_role.p", "values": {"name": "p", "assume_role_policy": rule(Principal={"Federated": "x"})}}  # fmt: skip
    plan = small(*task("t", "ecr:BatchGetImage", "cloudwatch:PutMetricData", "kms:Decrypt"), person)
    assert endpoints.asked(plan) == {"ecr.api", "ecr.dkr", "kms", "monitoring"}
    assert [one.values["name"] for one in endpoints.inside(plan)] == ["t"]


def test_a_wildcard_asks_for_an_endpoint_that_nobody_can_make() -> None:
    assert endpoints.asked(small(*task("t", "*"))) == {"*"}


@pytest.mark.parametrize(
    ("service", "resource", "condition", "strange"),
    [
        ("s3", "arn:aws:s3:::ours/*", {}, False),
        ("s3", "arn:aws:s3:::theirs/*", {}, True),
        ("s3", "arn:aws:s3:::*", {"StringEquals": {"aws:ResourceOrgID": "o-1"}}, True),
        ("kms", f"arn:aws:kms:eu-central-1:{US}:key/*", {}, True),
        ("logs", f"arn:aws:logs:eu-central-1:{US}:log-group:*", {}, False),
        ("logs", "arn:aws:logs:eu-central-1:444455556666:log-group:*", {}, True),
        ("logs", "*", {}, True),
        ("logs", "*", {"StringEquals": {"aws:ResourceOrgID": "o-1"}}, False),
    ],
)
def test_what_is_not_ours_is_found_behind_an_endpoint(
    service: str, resource: str, condition: dict[str, Any], strange: bool
) -> None:
    bucket = {"address": "aws_s3_bucket.this", "values": {"bucket": "ours"}}
    plan = small(bucket, endpoint(service, Resource=[resource], Condition=condition))
    assert list(endpoints.strange(plan)) == ([(service, resource)] if strange else [])


def test_what_a_node_of_the_store_reads_is_found_in_its_machine() -> None:
    told = {"listener": [{"tcp": {"tls_min_version": "tls12"}}],
            "storage": [{"raft": {"retry_join": [{"leader_api_addr": "https://b:8200"}]}}]}  # fmt: skip
    cloud = {"write_files": [{"path": store.CONFIGURATION, "content": json.dumps(told)}]}
    data = base64.b64encode(f"#cloud-config\n{json.dumps(cloud)}".encode()).decode()
    plan: Plan = small({"address": "aws_instance.a", "values": {"user_data_base64": data}},
                       {"address": "aws_instance.b", "values": {}})  # fmt: skip
    found = store.nodes(plan)
    assert store.listeners(found["aws_instance.a"]) == [{"tls_min_version": "tls12"}]
    assert store.peers(found["aws_instance.a"]) == [{"leader_api_addr": "https://b:8200"}]
    assert found["aws_instance.b"] == {}
    assert store.listeners({}) == store.peers({}) == []
