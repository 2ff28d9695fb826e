"""What the AWS emulator lacks: the data file is refused when it is wrong, and overrides touch a copy only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from redoubt.errors import BadInput
from redoubt.infra import drift, sandbox
from redoubt.infra.emulator import clients, gaps, judged

INFRA = Path(__file__).resolve().parents[2] / "infra"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a private copy of the composition."""
    sandbox.copy(INFRA / "project", tmp_path / "infra")
    return tmp_path / "infra"


def test_each_gap_names_a_resource_that_a_module_has(copy: Path) -> None:
    gaps.write(copy, gaps.read())
    written = sorted(path.parent.name for path in copy.glob(f"modules/*/{gaps.NAME}"))
    assert written == sorted({gap.module for gap in gaps.read() if gap.module})
    assert not list((INFRA / "modules").glob(f"*/{gaps.NAME}"))


def test_overrides_of_other_gaps_do_not_stay_behind(copy: Path) -> None:
    gaps.write(copy, gaps.read())
    gaps.write(copy, [])
    assert not list(copy.glob(f"modules/*/{gaps.NAME}"))


def test_a_gap_of_a_resource_that_is_gone_is_refused(copy: Path) -> None:
    gone = gaps.Gap("absent", "keys", "aws_kms_key.gone", "", "", "x", 1, {}, "")
    with pytest.raises(BadInput, match=r"modules/keys has no resource aws_kms_key\.gone"):
        gaps.write(copy, [gone])


@pytest.mark.parametrize(
    "text",
    [
        "absent: [{ resource: keys/aws_kms_key.this, lacks: x }]",
        "absent: [{ resource: keys/aws_kms_key.this, planned: 1 }]",
        "ignored: [{ resource: keys/aws_kms_key.this, lacks: x, planned: [1] }]",
        "off: [{ resource: keys/aws_kms_key.this, lacks: x, planned: 1 }]",
        "absent: [{ resource: k/a.b, lacks: x, planned: 1 }, { resource: k/a.b, lacks: y, planned: 1 }]",
    ],
)
def test_a_gap_without_its_reasons_or_twice_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"gaps\.yml"):
        gaps.read(text)


def test_a_client_never_speaks_to_anything_but_this_machine() -> None:
    with pytest.raises(BadInput, match="is no AWS emulator on this machine"):
        clients.connected({"AWS_ENDPOINT_URL": "https://s3.eu-central-1.amazonaws.com"})


def changed(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    """Return a plan that changes the keys' rotation by hand, as Terraform's JSON has it."""
    address = 'module.keys.aws_kms_key.this["data"]'
    verb = ["update"] if before and after else ["create"]
    item = {
        "address": address, "mode": "managed", "type": "aws_kms_key", "name": "this",
        "change": {"actions": verb, "before": before, "after": after, "after_unknown": {}},
    }  # fmt: skip
    calls = {"keys": {"source": "./modules/keys", "module": {}}}
    return {
        "resource_changes": [item], "resource_drift": [{"address": address}],
        "configuration": {"root_module": {"module_calls": calls}},
    }  # fmt: skip


def test_a_drift_names_address_attribute_and_control() -> None:
    plan = changed({"enable_key_rotation": False}, {"enable_key_rotation": True})
    (found,) = drift.found(plan, INFRA / "project")
    assert (found.changed, found.outside) == (("enable_key_rotation",), True)
    assert found.controls == ("SEC-04", "SEC-05")
    assert found.line() == (
        'module.keys.aws_kms_key.this["data"] (change, changed outside Terraform): '
        "enable_key_rotation [SEC-04, SEC-05]"
    )
    assert list(drift.lines([])) == ["No drift: everything is as the configuration says."]


def test_an_attribute_that_is_ignored_without_need_and_one_that_differs_unnamed_are_told() -> None:
    plan = changed({"enable_key_rotation": False}, {"enable_key_rotation": True})
    named = gaps.Gap(
        "ignored", "keys", "aws_kms_key.this", "enable_key_rotation", "", "x", [1], {}, ""
    )
    other = gaps.Gap("ignored", "keys", "aws_kms_key.this", "policy", "", "x", [1], {}, "")
    assert judged.unneeded(plan, [named, other]) == ["ignored keys/aws_kms_key.this.policy"]
    assert judged.unnamed(plan, [named]) == []
    assert judged.unnamed(plan, [other]) == [
        'keys/aws_kms_key.this.enable_key_rotation: module.keys.aws_kms_key.this["data"]'
    ]


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
