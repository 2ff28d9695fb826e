"""Production is applied in full to an AWS emulator, killed half way, read back, changed by hand, destroyed.

What applies here is no proof that AWS allows the same; everything that the emulator lacks stands in
``gaps.yml``. One run of minutes serves all tests of this file and is kept, under the digest of all that
it depends on, until something changes.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import python_terraform
from typer.testing import CliRunner

from redoubt import cli, files
from redoubt.infra import drift, planning, summary, terraform
from redoubt.infra.emulator import account, byhand, composed, gaps, judged, story
from redoubt.infra.emulator.account import Account

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("applied")]
KEPT = Path(__file__).resolve().parents[2] / "var" / "infra" / "applied"
ENVIRONMENT = "production"
Plans = Callable[[str], dict[str, Any]]
# What drives is an input of what is seen; what judges, below the mark, is none.
DRIVING = Path(__file__).read_text().partition("# --- judging")[0]
FLAG = python_terraform.IsFlagged


class Driver(python_terraform.Terraform):  # type: ignore[misc]
    """python-terraform with its faults mended: its environment, and the ``-force`` of its destroy."""

    def __init__(self, at: Account) -> None:
        self._environment = dict(at.tool.environment)
        super().__init__(
            working_dir=str(at.tool.folder), var_file=at.values, parallelism=composed.WIDTH,
            terraform_bin_path=str(terraform.binary()),
        )  # fmt: skip

    def cmd(self, cmd: str, *words: str, **options: Any) -> tuple[int, str, str]:
        """Run a command in the emulator's environment; the library only knows this process's."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self._environment.items():
                patch.setenv(name, value)
            found: tuple[int, str, str] = super().cmd(cmd, *words, **options)
        return found

    def plan(self, **options: Any) -> tuple[int, str, str]:
        """Plan into a file."""
        found: tuple[int, str, str] = super().plan(out=story.PLAN, **options)
        return found

    def apply(self, **options: Any) -> tuple[int, str, str]:
        """Apply without asking; the library's ``skip_plan`` means that."""
        found: tuple[int, str, str] = super().apply(skip_plan=True, **options)
        return found

    def destroy(self, **options: Any) -> tuple[int, str, str]:
        """Destroy all that the state knows; Terraform no longer knows ``-force``.

        Not refreshed: what the emulator lacks was tried before, and it cannot read that back.
        """
        found: tuple[int, str, str] = super().destroy(
            force=None, auto_approve=FLAG, refresh=False, **options
        )
        return found

    @contextmanager
    def beginning(self, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Start an apply and leave it running; of its own the library adds an option that is none."""
        words = self.generate_cmd_string(
            "apply", var_file=self.var_file, parallelism=self.parallelism, input=False,
            no_color=FLAG, auto_approve=FLAG,
        )  # fmt: skip
        with log.open("wb") as out:
            child = subprocess.Popen(
                words, cwd=self.working_dir, env=self._environment, stdout=out, stderr=out,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            try:
                yield child
            finally:
                child.wait(timeout=account.LONG)


def drifts(at: Account, root: Path) -> tuple[int, str]:
    """Return exit code and words of `redoubt drift` in a project whose account is the emulated one."""

    @contextmanager
    def emulated(*_: Any) -> Iterator[Any]:
        yield at.tool

    with pytest.MonkeyPatch.context() as patch:
        # Placeholders and the state's bucket are the plan's tests; here the account is another one.
        patch.setattr(planning, "signed_in", emulated)
        patch.setenv("REDOUBT_ROOT", str(root))
        patch.setenv("REDOUBT_STATE", str(at.tool.folder.parent / "state"))
        done = CliRunner().invoke(cli.app, ["drift", at.environment], catch_exceptions=False)
    return done.exit_code, done.output


@pytest.fixture(scope="session")
def applied(
    rendered: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> dict[str, Any]:
    """Return the record of production of the default project, from its first plan to its end."""
    more = {name: metadata.version(name) for name in ("moto", "boto3", "botocore")}
    more |= {
        "here": DRIVING,
        "terraform": subprocess.check_output([terraform.binary(), "version"]).decode(),
    }
    kept = KEPT / f"{story.inputs(rendered, more).removeprefix('sha256:')}.json"
    if not kept.exists():
        work = tmp_path_factory.mktemp("applied")
        with account.opened(rendered, ENVIRONMENT, work) as at:
            told = story.Story(at, Driver(at), print)
            told.begin(work / "killed.log")
            told.look()
            told.change(lambda at: drifts(at, rendered))
            told.want()
            told.end()
        files.write_text(kept, json.dumps(told.record, indent=1) + "\n")
    record: dict[str, Any] = json.loads(kept.read_text())
    return record


# --- judging


def test_an_apply_that_is_killed_half_way_loses_nothing_and_the_same_command_goes_on(
    applied: dict[str, Any],
) -> None:
    killed, now = applied["killed"], applied["resources"]
    assert story.HALF // 2 < len(killed["known"]) < len(now)
    assert {address: now.get(address) for address in killed["known"]} == killed["known"]
    # Only what was in the air can have been made and not written down; those are taken over, not made twice.
    assert set(applied["adopted"]) <= set(killed["unfinished"])
    assert any(story.WAITS.startswith(address.split(".", 2)[2]) for address in applied["adopted"])
    # What has no name is made a second time; nothing else stands that no state knows.
    caught = {drift.INDEX.sub("", address).split(".")[-2] for address in killed["unfinished"]}
    assert set(applied["strays"]) <= caught


def test_a_state_that_another_run_holds_is_said_with_the_remedy(applied: dict[str, Any]) -> None:
    assert "Error acquiring the state lock" in applied["locked"]
    assert "force-unlock" in applied["locked"].partition("Remedy:")[2]


def test_all_of_the_plan_stands_but_what_the_gaps_name(
    applied: dict[str, Any], plans: Plans
) -> None:
    meant = {item["address"] for _, item in summary.changes(plans(ENVIRONMENT))}
    # The bank's prefix list is another one here, and its id stands in the addresses of its rules.
    bank = re.compile(r"pl-[0-9a-f]+")
    stands = {bank.sub("pl-", address) for address in applied["resources"]}
    missing = {bank.sub("pl-", address) for address in meant} - stands
    kinds = {".".join(drift.INDEX.sub("", address).split(".")[-2:]) for address in missing}
    named = {gap.resource for gap in gaps.read() if gap.kind == "absent"}
    switched = {kind for gap in gaps.read() if gap.kind == "variable" for kind in gap.planned}
    assert {kind for kind in kinds if kind.partition(".")[0] not in switched} == named
    assert len(stands) > 350


def test_a_second_plan_is_empty(applied: dict[str, Any]) -> None:
    assert applied["again"] == {}
    assert applied["drift"] == []


def test_the_plan_shows_what_the_emulator_lacks(plans: Plans) -> None:
    assert judged.broken_promises(plans(ENVIRONMENT), gaps.read()) == []


def test_no_attribute_is_ignored_without_need_and_none_differs_unnamed(
    applied: dict[str, Any],
) -> None:
    assert judged.unneeded(applied["ignored"], gaps.read()) == []
    assert judged.unnamed(applied["ignored"], gaps.read()) == []


def test_what_is_switched_off_is_still_refused_by_the_emulator(applied: dict[str, Any]) -> None:
    # Features of detection are taken and not kept: fewer are read back than were set.
    lost = {gap.resource: gap.planned for gap in gaps.read() if "detector_feature" in gap.resource}
    assert len(applied["features"]) < sum(lost.values())
    assert judged.supported({*applied["refused"], *lost}, gaps.read()) == []


def test_the_network_reads_back_with_no_way_out(applied: dict[str, Any]) -> None:
    network = applied["read"]["network"]
    assert (network["internet_gateways"], network["nat_gateways"]) == ([], [])
    assert len(network["subnets"]) == 6
    assert not any(subnet["public_addresses"] for subnet in network["subnets"])
    assert network["routes"]
    assert {route["by"] for route in network["routes"] if route["to"] == "0.0.0.0/0"} == set()
    rules = [rule for group in network["groups"] for rule in group["in"] + group["out"]]
    assert rules
    assert not any("0.0.0.0/0" in rule["ends"] or rule["protocol"] == "-1" for rule in rules)
    assert {log["traffic"] for log in network["flow_logs"]} == {"ALL"}


def test_keys_and_buckets_read_back_protected(applied: dict[str, Any]) -> None:
    read = applied["read"]
    assert len(read["keys"]) > 10
    assert all(key == {"rotates": True, "state": "Enabled"} for key in read["keys"].values())
    assert len(read["buckets"]) == 6
    for bucket in read["buckets"].values():
        assert bucket["versioning"] == "Enabled"
        assert set(bucket["public_block"].values()) == {True}
        assert bucket["encryption"]
    audit = next(bucket for name, bucket in read["buckets"].items() if "-audit-" in name)
    assert audit["lock"]["Rule"]["DefaultRetention"]["Mode"] == "COMPLIANCE"


def test_trail_tasks_database_and_backups_read_back_as_the_controls_want_them(
    applied: dict[str, Any],
) -> None:
    read = applied["read"]
    (trail,) = read["audit"]["trails"]
    assert (trail["regions"], trail["validated"], trail["logs"]) == ("all", True, True)
    assert read["audit"]["detectors"] == ["ENABLED"]
    containers = [box for task in read["tasks"] for box in task["containers"]]
    assert containers
    assert all("@sha256:" in box["image"] and not box["privileged"] for box in containers)
    (database,) = read["databases"]
    assert not database["public"]
    assert database["encrypted"]
    assert database["protected"]
    assert read["backups"]["rules"]


def test_each_role_stands_with_the_boundary_and_the_statements_that_were_planned(
    applied: dict[str, Any], plans: Plans
) -> None:
    planned = {
        item["index"]: json.loads(item["change"]["after"]["policy"])
        for _, item in summary.changes(plans(ENVIRONMENT))
        if item["address"].startswith("module.identity.aws_iam_role_policy.this[")
    }
    roles = {name.partition("-prod-")[2]: role for name, role in applied["read"]["roles"].items()}
    assert len(planned) > 10
    for name, document in planned.items():
        assert roles[name]["policies"]["access-matrix"]["Statement"], name
        assert shape(roles[name]["policies"]["access-matrix"]) == shape(document), name
    assert all(role["boundary"] for role in roles.values())


# Type -> what `naming` fills in, and what an applied one is called by.
NAMED = {
    "aws_ecr_repository_policy": "repository", "aws_iam_role_policy": "role",
    "aws_s3_bucket_policy": "bucket", "aws_sns_topic_policy": "arn",
    "aws_s3_bucket_server_side_encryption_configuration": "bucket",
}  # fmt: skip


@pytest.mark.parametrize("kind", NAMED)
def test_a_policy_is_of_whom_its_plan_was_named_after(
    applied: dict[str, Any], named: Plans, kind: str
) -> None:
    """What `naming` made of a plan from nothing is what Terraform, applying, called it."""
    meant = {
        item["address"]: item["change"]["after"][NAMED[kind]]
        for _, item in summary.changes(named(ENVIRONMENT)) if item["type"] == kind
    }  # fmt: skip
    assert meant
    ids = {address: applied["resources"][address] for address in meant}
    # The id of a role's policy holds its own name too.
    own = kind == "aws_iam_role_policy"
    assert {
        address: name.partition(":")[0] if own else name for address, name in ids.items()
    } == meant


def shape(document: dict[str, Any]) -> list[Any]:
    """Return what a policy says but for ids that only AWS gives: of keys and of generated secrets."""
    text = re.sub(
        r"key/[0-9a-z-]+|secret:[^\"]+", "id", json.dumps(document["Statement"], sort_keys=True)
    )
    found: list[Any] = json.loads(text)
    return found


@pytest.mark.parametrize("meant", byhand.MEANT, ids=lambda meant: meant.resource)
def test_what_is_changed_by_hand_is_found_and_named_by_its_control(
    applied: dict[str, Any], meant: byhand.Meant
) -> None:
    assert applied["changed"]["code"] == 1
    lines = [line for line in applied["changed"]["said"].splitlines() if spoken(line, meant)]
    assert len(lines) == 1, applied["changed"]["said"]
    words, _, ids = lines[0].rpartition(" [")
    assert "changed outside Terraform" in words
    assert meant.attribute in words.partition("): ")[2].split(", ") or not meant.attribute
    assert meant.control in ids.rstrip("]").split(", ")


def spoken(line: str, meant: byhand.Meant) -> bool:
    """Return whether a line of the report is about a resource of this type and name."""
    address = drift.INDEX.sub("", line.strip().partition(" (")[0])
    return address.endswith(f".{meant.resource.partition('/')[2]}")


def test_the_same_command_mends_every_change(applied: dict[str, Any]) -> None:
    assert applied["repaired"]["code"] == 0, applied["repaired"]["said"]
    assert applied["repaired"]["said"].startswith("No drift")


def test_a_destroyed_environment_leaves_nothing_but_what_the_gaps_name(
    applied: dict[str, Any],
) -> None:
    assert applied["unlocked"]["databases"] == 1
    assert applied["unlocked"]["objects"] > 0  # the emulator really delivers access logs
    assert applied["left"]["known"] == {}
    named = [gap for gap in gaps.read() if gap.kind == "left"]
    assert {kind: len(names) for kind, names in applied["left"]["standing"].items()} == {
        gap.value: gap.planned for gap in named
    }


def test_only_what_the_gaps_name_resists_its_destruction(applied: dict[str, Any]) -> None:
    calls = set(re.findall(r"operation error [^:]+: (\w+)", applied["resisted"]))
    assert calls == {gap.value for gap in gaps.read() if gap.kind == "resists"}
