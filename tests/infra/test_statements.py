"""What checks read from a plan: stand-ins, policies, storage, and what belongs to whom."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.infra import keys, sandbox, separation, standins, statements, storage, written
from redoubt.infra.reading import Plan

MODULES = Path(__file__).resolve().parents[2] / "infra" / "modules"
ROLE = "arn:aws:iam::111122223333:role/x"


@pytest.mark.parametrize("module", standins.STAND_INS)
def test_a_stand_in_takes_the_place_of_something_that_the_module_has(module: str) -> None:
    text = "\n".join(path.read_text() for path in sorted((MODULES / module).glob("*.tf")))
    written_ = standins.STAND_INS[module]
    names = re.findall(r'^output "(\w+)"', written_, re.M) + re.findall(
        r"^  (\w+) += ", written_, re.M
    )
    assert names
    for name in set(names) - {"value"}:
        assert re.search(rf'^(output "{name}"|  {name} +=)', text, re.M), name


@pytest.mark.parametrize("name", sandbox.ENVIRONMENTS)
def test_an_offline_plan_leaves_no_policy_unread(
    plans: Callable[[str], dict[str, Any]], name: str
) -> None:
    plan = Plan(name, plans(name))
    assert len(list(statements.policies(plan))) > 50
    assert statements.unread(plan) == []
    assert storage.unknown(plan) == []


def test_the_list_of_storage_holds_every_type_once() -> None:
    table = storage.listed()
    nothing = re.compile("|".join(f"(?:{pattern})" for pattern in table["nothing"]))
    assert [kind for kind in table["keeps"] if nothing.fullmatch(kind)] == []
    for kept in ("aws_efs_file_system", "aws_rds_cluster", "aws_s3_object", "aws_fsx_lustre_file_system",
                 "aws_redshift_cluster", "aws_ebs_snapshot", "aws_db_snapshot", "aws_network_x"):  # fmt: skip
        assert not nothing.fullmatch(kept), kept


def small(*resources: dict[str, Any]) -> Plan:
    """Return a plan of resources that are given by address, type, values and expressions."""
    accounts = {"development": "111122223333", "validation": "4" * 12, "production": "7" * 12}
    given = {"accounts": accounts, "prefix": "pd", "region": "eu-central-1", "landing_zone": None}
    return Plan("development", {
        "variables": {name: {"value": value} for name, value in given.items()},
        "configuration": {"root_module": {"resources": [
            {"address": r["address"], "expressions": r.get("expressions", {})} for r in resources]}},
        "resource_changes": [
            {"address": r["address"], "type": r["address"].split(".")[0], "mode": "managed",
             "change": {"after": r.get("values", {})}} for r in resources],
    })  # fmt: skip


def rule(**statement: Any) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", **statement}]})


def role(name: str, *allowed: str) -> tuple[dict[str, Any], ...]:
    """Return a role and its own policy."""
    return (
        {"address": f"aws_iam_role.{name}", "values": {"name": name}},
        {"address": f"aws_iam_role_policy.{name}", "values": {"policy": rule(Action=allowed, Resource="*")},
         "expressions": {"policy": {"references": []}, "role": {"references": [f"aws_iam_role.{name}.id"]}}},
    )  # fmt: skip


def test_who_uses_and_who_administers_is_read_from_roles_and_keys() -> None:
    key = {"address": "aws_kms_key.this", "expressions": {"policy": {"references": []}},
           "values": {"policy": rule(Principal={"AWS": ROLE}, Action=["kms:ScheduleKeyDeletion"])}}  # fmt: skip
    plan = small(*role("y", "kms:Decrypt"), key)
    assert keys.holders(plan, keys.ADMINISTRATION) == {ROLE}
    assert keys.holders(plan, keys.USE) == {"arn:aws:iam::111122223333:role/y"}
    assert keys.sweeping(plan) == []


@pytest.mark.parametrize("action", ["*", "kms:*", "kms:Generate*", "k*"])
def test_a_wildcard_that_may_reach_kms_is_found(action: str) -> None:
    assert [what for _, what in keys.sweeping(small(*role("y", action)))] == [action]


def test_a_wildcard_of_another_service_is_not_one() -> None:
    assert keys.sweeping(small(*role("y", "s3:*", "kinesis:Get*"))) == []


def test_what_names_another_environment_is_found_and_ones_own_is_not() -> None:
    plan = small()
    own = ["arn:aws:iam::111122223333:role/pd-dev-ci", "arn:aws:iam::000000000000:role/caller"]
    others = [f"arn:aws:iam::{'7' * 12}:role/x", "arn:aws:s3:::pd-prod-raw"]
    assert separation.foreign(plan, own) == []
    assert separation.foreign(plan, {"a": [*own, *others]}) == others
    assert (separation.neighbour(plan, 1), separation.neighbour(plan, -1)) == ("validation", None)


def test_settings_are_read_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "terraform.tf").write_text(
        'terraform {\n  # bucket = "no"\n  backend "s3" {\n    encrypt = true\n    x { y = 1 }\n  }\n}\n'
    )
    assert written.block(tmp_path, 'backend "s3"') == {"encrypt": "true"}
    with pytest.raises(LookupError, match="0 blocks provider"):
        written.block(tmp_path, 'provider "aws"')
