"""What a plan says is read as it stands: values, what AWS will only tell later, and who is referred to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from redoubt.infra.reading import Plan, named, texts


def change(address: str, kind: str, **change: Any) -> dict[str, Any]:
    return {
        "address": address,
        "type": kind,
        "mode": "managed",
        "change": {"actions": ["create"], **change},
    }


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    rule = {"prefix_list_id": {"references": ["aws_vpc_endpoint.s3.id", "aws_vpc_endpoint.s3"]}}
    raw = {
        "configuration": {"root_module": {"module_calls": {"network": {"module": {
            "resources": [{"address": "aws_rule.this", "expressions": rule}],
        }}}}},
        "resource_changes": [
            change('module.network.aws_rule.this["a.b-443"]', "aws_rule", after={"cidr_ipv4": None, "port": 443},
                   after_unknown={"prefix_list_id": True, "group_id": True}),
            change("aws_key.this", "aws_key", after={"policy": json.dumps({"Statement": {"Effect": "Deny"}})}),
            change("aws_key.gone", "aws_key", after=None),
        ],
    }  # fmt: skip
    (tmp_path / "production.json").write_text(json.dumps(raw))
    return Plan.read(tmp_path / "production.json")


def test_what_would_be_gone_is_no_resource(plan: Plan) -> None:
    assert plan.environment == "production"
    assert [item.type for item in plan.resources] == ["aws_rule", "aws_key"]
    assert plan.values("aws_rule", "port") == [443]
    assert [item.type for item in plan.like("aws_r.*")] == ["aws_rule"]


def test_a_value_that_comes_later_counts_where_the_configuration_names_it(plan: Plan) -> None:
    (rule,) = plan.of("aws_rule")
    assert rule.references("prefix_list_id")[0] == "aws_vpc_endpoint.s3.id"
    assert rule.has("prefix_list_id")
    assert rule.has("port")
    assert not rule.has("group_id")  # AWS computes it, and nobody asked for it
    assert not rule.has("cidr_ipv4")


def test_a_single_statement_is_a_policy_of_one(plan: Plan) -> None:
    (key,) = plan.of("aws_key")
    assert key.policy() == [{"Effect": "Deny"}]
    assert plan.of("aws_rule")[0].policy() == []


def test_texts_and_flags_are_found_however_deep() -> None:
    value = {"a": [{"open": True, "b": ["0.0.0.0/0", 1]}], "open": None}
    assert list(texts(value)) == ["0.0.0.0/0"]
    assert sorted(named(value, frozenset({"open"})), key=str) == [("open", None), ("open", True)]
