"""Production is applied in full to an AWS emulator, read back, changed by another way, and destroyed.

What applies here is no proof that AWS allows the same. Everything that the emulator lacks stands in
``gaps.yml``. One environment serves all tests of this file, in their order.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import python_terraform

from redoubt import files
from redoubt.errors import Refused
from redoubt.infra import drift, opened, summary, terraform
from redoubt.infra.emulator import account, composed, gaps, judged, listing, readback, teardown
from redoubt.infra.emulator.account import Account
from redoubt.infra.emulator.clients import Client
from redoubt.infra.terraform import Terraform

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("applied")]
NUMBERS = Path(__file__).resolve().parents[2] / "var" / "infra" / "applied.json"
HALF = 30  # resources in the state when the first apply is stopped
LONG = 1500.0  # seconds: a busy machine needs several times what a quiet one does
Plans = Callable[[str], dict[str, Any]]


class Driver(python_terraform.Terraform):  # type: ignore[misc]
    """python-terraform with its faults mended: its environment, and the ``-force`` of its destroy."""

    def __init__(self, at: Account) -> None:
        self._environment = dict(at.tool.environment)
        names = [word.removeprefix("-var-file=") for word in at.values]
        super().__init__(
            working_dir=str(at.tool.folder), var_file=names, parallelism=composed.WIDTH,
            terraform_bin_path=str(terraform.binary()),
        )  # fmt: skip

    def cmd(self, cmd: str, *words: str, **options: Any) -> tuple[int, str, str]:
        """Run a command in the emulator's environment; the library only knows this process's."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self._environment.items():
                patch.setenv(name, value)
            found: tuple[int, str, str] = super().cmd(cmd, *words, **options)
        return found

    def destroy(self, **options: Any) -> tuple[int, str, str]:
        """Destroy all; Terraform no longer knows ``-force``."""
        found: tuple[int, str, str] = super().destroy(
            force=None, auto_approve=python_terraform.IsFlagged, **options
        )
        return found

    @contextmanager
    def beginning(self, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Start an apply and leave it running for the block; the library adds an option to its own."""
        words = self.generate_cmd_string(
            "apply", var_file=self.var_file, parallelism=self.parallelism, input=False,
            no_color=python_terraform.IsFlagged, auto_approve=python_terraform.IsFlagged,
        )  # fmt: skip
        with log.open("wb") as out:
            child = subprocess.Popen(
                words, cwd=self.working_dir, env=self._environment, stdout=out, stderr=out,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                yield child
            finally:
                child.wait(timeout=LONG)


@dataclass
class Applied:
    """What the session's one environment went through."""

    at: Account
    driver: Driver
    stopped: dict[str, str]  # address -> id of what stood when the first apply was stopped
    locked: str  # what a second run was told while the first held the state
    plan: dict[str, Any]  # after the apply, with every gap in force
    code: int  # of that plan, as -detailed-exitcode gives it
    numbers: dict[str, float] = field(default_factory=dict)

    def replanned(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Plan against what stands now; return the exit code and the plan."""
        return replanned(self.at, *words)


def state(tool: Terraform) -> dict[str, str]:
    """Return address -> id of every managed resource in the state that is not tainted."""
    values = json.loads(tool.run("show", "-json")).get("values", {})
    return {
        item["address"]: str(item["values"].get("id"))
        for item in opened.resources(values) if not item.get("tainted")
    }  # fmt: skip


def replanned(at: Account, *words: str) -> tuple[int, dict[str, Any]]:
    """Plan against what stands now; return the exit code and the plan."""
    done = at.tool.done(
        "plan", "-detailed-exitcode", "-input=false", "-no-color", "-out=again.tfplan",
        f"-parallelism={composed.WIDTH}", *at.values, *words, seconds=LONG,
    )  # fmt: skip
    assert done.returncode in (0, 2), terraform.problem(done)
    return done.returncode, json.loads(at.tool.run("show", "-json", "again.tfplan"))


def stop_half_way(at: Account, driver: Driver, log: Path) -> tuple[dict[str, str], str]:
    """Kill an apply by its id when it has made some; return what its state holds, and what a lock says."""
    locked = ""
    with driver.beginning(log) as child:
        while child.poll() is None:
            made = log.read_text(errors="replace").count("Creation complete")
            if made and not locked:
                with pytest.raises(Refused) as refusal:
                    at.tool.run("plan", "-input=false", "-no-color", *at.values)
                locked = str(refusal.value)
            if made >= HALF:
                os.kill(child.pid, signal.SIGTERM)
                break
            time.sleep(0.1)
    assert child.returncode != 0, "the apply ended before it could be stopped"
    return state(at.tool), locked


@pytest.fixture(scope="session")
def applied(
    rendered: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[Applied]:
    """Return production of the default project, applied to an AWS emulator."""
    work = tmp_path_factory.mktemp("applied")
    numbers: dict[str, float] = {"load average at the start": round(os.getloadavg()[0], 1)}
    with account.opened(rendered, "production", work) as at:
        driver = Driver(at)
        stopped, locked = stop_half_way(at, driver, work / "stopped.log")
        numbers["resources when stopped"] = len(stopped)
        begun = time.monotonic()
        code, out, err = driver.apply(skip_plan=True)
        numbers["apply, seconds"] = round(time.monotonic() - begun, 1)
        assert code == 0, terraform.problem(subprocess.CompletedProcess([], code, out, err))
        numbers["resources"] = len(state(at.tool))
        numbers["load average at the end"] = round(os.getloadavg()[0], 1)
        begun = time.monotonic()
        code, plan = replanned(at)
        numbers["re-plan, seconds"] = round(time.monotonic() - begun, 1)
        yield Applied(at, driver, stopped, locked, plan, code, numbers)


def test_an_apply_that_is_stopped_half_way_loses_nothing_and_the_same_command_goes_on(
    applied: Applied,
) -> None:
    now = state(applied.at.tool)
    assert HALF // 2 < len(applied.stopped) < len(now)
    assert {address: now.get(address) for address in applied.stopped} == applied.stopped


def test_a_state_that_another_run_holds_is_said_with_the_remedy(applied: Applied) -> None:
    assert "Error acquiring the state lock" in applied.locked
    assert "force-unlock" in applied.locked.partition("Remedy:")[2]


def test_all_of_the_plan_stands_but_what_the_gaps_name(applied: Applied, plans: Plans) -> None:
    meant = {item["address"] for _, item in summary.changes(plans("production"))}
    # The bank's prefix list is another one here, and its id stands in the addresses of its rules.
    bank = re.compile(r"pl-[0-9a-f]+")
    stands = {bank.sub("pl-", address) for address in state(applied.at.tool)}
    missing = {bank.sub("pl-", address) for address in meant} - stands
    kinds = {drift.INDEX.sub("", a).rpartition("module.")[2].partition(".")[2] for a in missing}
    named = {gap.resource for gap in gaps.read() if gap.kind == "absent"}
    switched = {k for gap in gaps.read() if gap.kind == "variable" for k in gap.planned}
    assert {kind for kind in kinds if kind.partition(".")[0] not in switched} == named
    assert len(stands) > 350


def test_a_second_plan_is_empty(applied: Applied) -> None:
    assert drift.found(applied.plan, applied.at.tool.folder) == []
    assert applied.code == 0


def test_the_plan_shows_what_the_emulator_lacks(plans: Plans) -> None:
    assert judged.broken_promises(plans("production"), gaps.read()) == []


def test_no_attribute_is_ignored_without_need_and_none_differs_unnamed(applied: Applied) -> None:
    kept = gaps.read()
    applied.at.rewrite([gap for gap in kept if gap.kind != "ignored"])
    try:
        _, plan = applied.replanned()
    finally:
        applied.at.rewrite(kept)
    assert judged.unneeded(plan, kept) == []
    assert judged.unnamed(plan, kept) == []
    idle = [*kept, gaps.Gap("ignored", "keys", "aws_kms_key.this", "policy", "", "x", [{}], {}, "")]
    assert judged.unneeded(plan, idle) == ["ignored keys/aws_kms_key.this.policy"]


def test_the_environment_reads_back_as_the_controls_want_it(applied: Applied) -> None:
    found = readback.read(applied.at.client)
    network = found["network"]
    assert (network["internet_gateways"], network["nat_gateways"]) == ([], [])
    assert len(network["subnets"]) == 6
    assert not any(subnet["public_addresses"] for subnet in network["subnets"])
    assert {route["by"] for route in network["routes"] if route["to"] == "0.0.0.0/0"} == set()
    rules = [rule for group in network["groups"] for rule in group["in"] + group["out"]]
    assert rules
    assert not any("0.0.0.0/0" in rule["ends"] or rule["protocol"] == "-1" for rule in rules)
    assert {log["traffic"] for log in network["flow_logs"]} == {"ALL"}
    assert found["keys"]
    assert all(key == {"rotates": True, "state": "Enabled"} for key in found["keys"].values())
    assert len(found["buckets"]) == 6
    for bucket in found["buckets"].values():
        assert bucket["versioning"] == "Enabled"
        assert set(bucket["public_block"].values()) == {True}
        assert bucket["encryption"]
    audit = next(bucket for name, bucket in found["buckets"].items() if "-audit-" in name)
    assert audit["lock"]["Rule"]["DefaultRetention"]["Mode"] == "COMPLIANCE"
    assert [(t["regions"], t["validated"], t["logs"]) for t in found["audit"]["trails"]] == [
        ("all", True, True)
    ]
    assert found["audit"]["detectors"] == ["ENABLED"]
    containers = [box for task in found["tasks"] for box in task["containers"]]
    assert containers
    assert all("@sha256:" in box["image"] and not box["privileged"] for box in containers)
    assert all(not d["public"] and d["encrypted"] and d["protected"] for d in found["databases"])
    assert found["backups"]["rules"]


# What is changed with boto3: where, which attribute the report names, which control it serves.
CHANGED = {
    "network/aws_security_group.this": ("ingress tcp 22 0.0.0.0/0", "NET-03"),
    "keys/aws_kms_key.this": ("enable_key_rotation", "SEC-05"),
    "audit/aws_cloudtrail.this": ("enable_logging", "MON-02"),
    "bucket/aws_s3_bucket_public_access_block.this": ("", "SEC-04"),
    "bucket/aws_s3_bucket_versioning.this": ("versioning_configuration", "DAT-02"),
    "training/aws_ecs_task_definition.this": ("", "TRN-03"),
    "audit/aws_guardduty_detector.this": ("enable", "MON-05"),
}


def change_by_hand(client: Client) -> Callable[[], None]:
    """Change each of CHANGED with boto3; return what takes back the one that an apply cannot."""
    ec2, s3, kms = client("ec2"), client("s3"), client("kms")
    group = next(
        g["GroupId"] for g in ec2.describe_security_groups()["SecurityGroups"]
        if g["GroupName"].endswith("-database")
    )  # fmt: skip
    door = [
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=door)
    alias = next(
        a
        for a in listing.pages(kms, "list_aliases", "Aliases", {})
        if "-prod-data" in a["AliasName"]
    )
    kms.disable_key_rotation(KeyId=alias["TargetKeyId"])
    trail = client("cloudtrail").describe_trails()["trailList"][0]
    client("cloudtrail").stop_logging(Name=trail["TrailARN"])
    names = [b["Name"] for b in s3.list_buckets()["Buckets"]]
    s3.delete_public_access_block(Bucket=next(name for name in names if "-raw-" in name))
    s3.put_bucket_versioning(
        Bucket=next(name for name in names if "-access-logs-" in name),
        VersioningConfiguration={"Status": "Suspended"},
    )
    arns = client("ecs").list_task_definitions()["taskDefinitionArns"]
    client("ecs").deregister_task_definition(
        taskDefinition=next(arn for arn in arns if "-training:" in arn)
    )
    for name in client("guardduty").list_detectors()["DetectorIds"]:
        client("guardduty").update_detector(DetectorId=name, Enable=False)
    return lambda: ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=door)


def test_what_is_changed_by_another_way_is_found_and_named(applied: Applied) -> None:
    close = change_by_hand(applied.at.client)
    code, plan = applied.replanned()
    assert code == 2
    seen: dict[str, drift.Drift] = {}
    for found in drift.found(plan, applied.at.tool.folder):
        words = drift.INDEX.sub("", found.address).split(".")
        module = drift.folder(plan, found.address).name
        seen[f"{module}/{words[-2]}.{words[-1]}"] = found
    for place, (attribute, control) in CHANGED.items():
        assert place in seen, f"{place} is not found; found are {sorted(seen)}"
        assert seen[place].outside, seen[place]
        assert not attribute or attribute in seen[place].changed, seen[place]
        assert control in seen[place].controls, seen[place]
        assert control in seen[place].line()
    close()
    code, out, err = applied.driver.apply(skip_plan=True)
    assert code == 0, terraform.problem(subprocess.CompletedProcess([], code, out, err))
    code, plan = applied.replanned()
    assert (code, drift.found(plan, applied.at.tool.folder)) == (0, [])


def test_the_emulator_still_lacks_what_is_switched_off(applied: Applied) -> None:
    kept = gaps.read()
    applied.at.rewrite([gap for gap in kept if gap.kind not in ("absent", "variable")])
    try:
        done = applied.at.tool.done(
            "apply", "-json", "-auto-approve", "-input=false", "-refresh=false",
            f"-parallelism={composed.WIDTH}", *applied.at.values, seconds=LONG,
        )  # fmt: skip
    finally:
        applied.at.rewrite(kept)
    assert done.returncode == 1
    assert judged.supported(done.stdout, kept) == []
    extra = gaps.Gap("absent", "keys", "aws_kms_alias.this", "", "", "x", 1, {}, "")
    assert judged.supported(done.stdout, [*kept, extra]) == ["absent keys/aws_kms_alias.this"]


def test_a_destroyed_environment_leaves_nothing(applied: Applied) -> None:
    counts = teardown.unlock(applied.at.client)
    assert counts["databases"] == 1
    assert counts["objects"] > 0  # the emulator really delivers access logs
    begun = time.monotonic()
    code, out, err = applied.driver.destroy()
    applied.numbers["destroy, seconds"] = round(time.monotonic() - begun, 1)
    assert code == 0, terraform.problem(subprocess.CompletedProcess([], code, out, err))
    assert state(applied.at.tool) == {}
    assert listing.left(applied.at.client, applied.at.before) == {}


def test_the_numbers_are_kept(applied: Applied) -> None:
    files.write_text(NUMBERS, json.dumps(applied.numbers, indent=1) + "\n")
    print(applied.numbers)
    wanted = {"resources", "apply, seconds", "re-plan, seconds", "destroy, seconds"}
    assert wanted <= set(json.loads(NUMBERS.read_text()))
