"""What a plan shows of changes by another way: each is named by address, attribute and control."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from redoubt import cli
from redoubt.errors import BadInput
from redoubt.infra import drift

INFRA = Path(__file__).resolve().parents[2] / "infra"


def test_a_drift_names_address_attribute_and_control(
    unrotated: Callable[..., dict[str, Any]],
) -> None:
    plan = unrotated()
    (found,) = drift.found(plan, INFRA / "project")
    assert (found.changed, found.outside) == (("enable_key_rotation",), True)
    assert found.controls == ("SEC-04", "SEC-05")
    assert found.line() == (
        'module.keys.aws_kms_key.this["data"] (change, changed outside Terraform): '
        "enable_key_rotation [SEC-04, SEC-05]"
    )
    assert list(drift.lines([])) == ["No drift: everything is as the configuration says."]


def test_a_rule_that_was_added_by_hand_is_found_beside_the_planned_ones() -> None:
    group = {
        "address": "module.network.aws_security_group.this", "mode": "managed",
        "type": "aws_security_group", "values": {"id": "sg-1", "egress": [], "ingress": [
            {"protocol": "tcp", "from_port": 443, "to_port": 443, "security_groups": ["sg-2"]},
            {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]},
        ]},
    }  # fmt: skip
    rule = {
        "address": "x", "mode": "managed", "type": "aws_vpc_security_group_ingress_rule",
        "values": {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443,
                   "referenced_security_group_id": "sg-2"},
    }  # fmt: skip
    calls = {"network": {"source": "./modules/network", "module": {}}}
    plan = {
        "prior_state": {
            "values": {"root_module": {"child_modules": [{"resources": [group, rule]}]}}
        },
        "configuration": {"root_module": {"module_calls": calls}},
    }
    (found,) = drift.found(plan, INFRA / "project")
    assert found.changed == ("ingress tcp 22 0.0.0.0/0",)
    assert found.controls == ("NET-03",)


def test_a_resource_of_a_counted_module_is_found_in_the_files_of_that_module(
    unrotated: Callable[..., dict[str, Any]],
) -> None:
    plan = unrotated("keys[0]")
    (found,) = drift.found(plan, INFRA / "project")
    assert found.address == 'module.keys[0].aws_kms_key.this["data"]'
    assert found.controls == ("SEC-04", "SEC-05")


def test_what_only_becomes_known_by_a_change_is_no_drift_of_its_own() -> None:
    change = {
        "before": {"arn": "a", "policy": "old"}, "after": {"policy": "new"},
        "after_unknown": {"arn": True},
    }  # fmt: skip
    assert drift.changed(change) == ("policy",)
    assert drift.changed({"before": None, "after": {"policy": "new"}}) == ()
    unset = {"before": {"description": "", "policy": "old"}, "after": {"description": None}}
    assert drift.changed(unset) == ("policy",)


def test_drift_is_not_looked_for_with_a_placeholder(
    rendered: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REDOUBT_ROOT", str(rendered))
    monkeypatch.setenv("REDOUBT_STATE", str(tmp_path))
    with pytest.raises(BadInput, match="is the template's placeholder"):
        CliRunner().invoke(cli.app, ["drift", "production"], catch_exceptions=False)
