"""The composition: what the three environments of a rendered project would create."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.errors import BadInput
from redoubt.infra import planning, sandbox, summary

Plans = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize("name", sandbox.ENVIRONMENTS)
def test_an_environment_is_planned_with_no_credentials(plans: Plans, name: str) -> None:
    counts = Counter(verb for verb, _ in summary.changes(plans(name)))
    assert set(counts) == {"create"}
    assert counts["create"] > 150


def test_nothing_leads_to_the_internet(plans: Plans) -> None:
    for name in sandbox.ENVIRONMENTS:
        kinds = {item["type"] for _, item in summary.changes(plans(name))}
        assert not {kind for kind in kinds if kind.endswith("_gateway")}
        subnets = [
            i["change"]["after"]
            for _, i in summary.changes(plans(name))
            if i["type"] == "aws_subnet"
        ]
        assert len(subnets) == 6
        assert not any(subnet["map_public_ip_on_launch"] for subnet in subnets)


def test_each_environment_is_an_account_of_its_own(plans: Plans, rendered: Path) -> None:
    accounts = planning.answers(rendered)["accounts"]
    for name in sandbox.ENVIRONMENTS:
        others = [value for key, value in accounts.items() if key != name]
        planned = json.dumps([i["change"]["after"] for _, i in summary.changes(plans(name))])
        assert accounts[name] in planned
        if name != "production":
            assert accounts["production"] not in planned.replace(accounts[name], "")
        assert name == "production" or not [o for o in others if f"arn:aws:iam::{o}" in planned]


def test_a_summary_names_cost_and_data(plans: Plans) -> None:
    lines = "\n".join(summary.lines(plans("production")))
    assert "to create" in lines
    assert "touches data" in lines
    assert "USD a month" in lines


def test_a_placeholder_is_never_planned_for_real(rendered: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"111122223333.*placeholder"):
        planning.plan(rendered, tmp_path, "development", offline=False)
