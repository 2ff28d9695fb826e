"""What checks read from a plan: stand-ins, policies, storage, and what belongs to whom."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.infra import keys, sandbox, separation, standins, statements, storage, written
from redoubt.infra.reading import Plan

MODULES = Path(__file__).resolve().parents[2] / "infra" / "modules"
ROLE = "arn:aws:iam::111122223333:role/x"


@pytest.mark.parametrize(
    ("module", "one"), [(name, one) for name, some in standins.STAND_INS.items() for one in some]
)
def test_a_stand_in_takes_the_place_of_what_the_module_is_expected_to_say(
    module: str, one: standins.StandIn, tmp_path: Path
) -> None:
    assert standins.strange(MODULES.parent) == {}
    shutil.copytree(MODULES / module, tmp_path / "modules" / module)
    (path,) = [p for p in (tmp_path / "modules" / module).glob("*.tf") if one.says in p.read_text()]
    whole = path.read_text()
    for said in ("null", f"coalesce({one.says})"):
        path.write_text(whole.replace(one.says, said))
        assert standins.strange(tmp_path) == {f"{module}: {one.name}": [said]}
    path.write_text(f"# {one.name} = {one.says}\n" + whole.replace(one.says, "{\n}", 1))
    assert standins.strange(tmp_path) == {f"{module}: {one.name}": ["{"]}


def test_terraform_that_no_check_of_text_reads_is_named(tmp_path: Path) -> None:
    for name in ("main.tf", "override.tf", "a/x_override.tf", "a/b.tf.json", "a/overrides.tf",
                 "c.tofu", ".terraform/modules/x.tf.json"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    odd = ["a/b.tf.json", "a/x_override.tf", "c.tofu", "override.tf"]
    assert written.unread(tmp_path) == odd
    plain = '# said /* before\na = "${f("b")}/*"\nb = ["s3:*/*", "\\"/*"]\n'
    (tmp_path / "main.tf").write_text(plain)
    assert written.unread(tmp_path) == odd
    for hidden in ('output "x" /**/ {', "a = 1 /*", 'a = "\\"" /*', '"a"/* b */', "/*"):
        (tmp_path / "main.tf").write_text(f"{plain}{hidden}\n")
        assert written.unread(tmp_path) == sorted([*odd, "main.tf"]), hidden


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
