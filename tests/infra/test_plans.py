"""The composition: what the three environments of a rendered project would create."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from redoubt.errors import BadInput
from redoubt.infra import planning, sandbox, summary
from redoubt.infra.terraform import Terraform, problem

Plans = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize("name", sandbox.ENVIRONMENTS)
def test_an_environment_is_planned_with_no_credentials(plans: Plans, name: str) -> None:
    counts = Counter(verb for verb, _ in summary.changes(plans(name)))
    assert set(counts) == {"create"}
    assert counts["create"] > 300


def planned(plan: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the planned values of every resource of a type."""
    return [i["change"]["after"] for _, i in summary.changes(plan) if i["type"] == kind]


def test_nothing_leads_to_the_internet(plans: Plans) -> None:
    ways = re.compile(
        r"aws_(nat|internet|egress_only_internet|vpn|transit|customer)\w*gateway|aws_route$|aws_eip"
    )
    for name in sandbox.ENVIRONMENTS:
        assert not {i["type"] for _, i in summary.changes(plans(name)) if ways.match(i["type"])}
        subnets = planned(plans(name), "aws_subnet")
        assert len(subnets) == 6
        assert not any(subnet["map_public_ip_on_launch"] for subnet in subnets)
        assert all(balancer["internal"] for balancer in planned(plans(name), "aws_lb"))


def test_the_environments_never_overlap(plans: Plans) -> None:
    ranges = [planned(plans(name), "aws_vpc")[0]["cidr_block"] for name in sandbox.ENVIRONMENTS]
    assert ranges == ["10.64.0.0/18", "10.64.64.0/18", "10.64.128.0/18"]


def test_nothing_of_another_environment_is_trusted(plans: Plans, rendered: Path) -> None:
    accounts = planning.answers(rendered)["accounts"]
    # The deployer of the environment above reads images, this one's those of the one below.
    above = dict(pairwise(sandbox.ENVIRONMENTS))
    below = {high: low for low, high in above.items()}
    for name in sandbox.ENVIRONMENTS:
        text = json.dumps([i["change"]["after"] for _, i in summary.changes(plans(name))])
        assert accounts[name] in text
        for other in set(sandbox.ENVIRONMENTS) - {name}:
            named = set(re.findall(rf'arn:[^"\\]*{accounts[other]}[^"\\]*', text))
            assert {arn.rsplit("-", 1)[1] for arn in named} == (
                {"deployer"} if other == above.get(name)
                else {"serving", "tracking", "training"} if other == below.get(name) else set()
            )  # fmt: skip


def test_images_come_from_the_accounts_own_registry(plans: Plans, rendered: Path) -> None:
    accounts = planning.answers(rendered)["accounts"]
    for name in sandbox.ENVIRONMENTS:
        texts = [
            t.get("container_definitions") for t in planned(plans(name), "aws_ecs_task_definition")
        ]
        images = re.findall(r'"image":"([^"]+)"', "".join(filter(None, texts)))
        assert images
        assert all(image.startswith(f"{accounts[name]}.dkr.ecr.") for image in images)


def test_a_summary_names_cost_and_data(plans: Plans) -> None:
    lines = "\n".join(summary.lines(plans("production")))
    assert "to create" in lines
    assert "touches data" in lines
    assert "USD a month" in lines


def test_a_placeholder_is_never_planned_for_real(rendered: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"111122223333.*placeholder"):
        planning.plan(rendered, tmp_path, "development", offline=False)


@pytest.fixture
def answered(rendered: Path, tmp_path: Path) -> Path:
    """Return a copy of the project whose answers are real."""
    shutil.copytree(rendered / "infra", tmp_path / "own" / "infra")
    path = tmp_path / "own" / "infra" / "project.auto.tfvars.json"
    given = json.loads(path.read_text())
    given |= {"organisation_id": "o-a1b2c3d4e5"}
    given["accounts"] = dict(zip(given["accounts"], ("1" * 12, "2" * 12, "3" * 12), strict=True))
    path.write_text(json.dumps(given))
    return tmp_path / "own"


def test_each_placeholder_of_an_environment_is_refused_until_the_last_is_gone(
    answered: Path,
) -> None:
    path = answered / "infra" / "environments" / "production.tfvars"
    seen = set()
    for _ in range(60):
        try:
            planning.require_real(answered, "production")
        except BadInput as refusal:
            number = int(re.search(r"line (\d+)", str(refusal))[1])  # type: ignore[index]
            lines = path.read_text().splitlines()
            seen.add(lines[number - 1].split("=")[0].strip(' "'))
            lines[number - 1] = planning.MARKS.sub("own", lines[number - 1])
            path.write_text("\n".join(lines))
        else:
            break
    planning.require_real(answered, "production")
    after = path.read_text().split("--- placeholders")[1]
    values = set(re.findall(r'^\s*"?([\w.-]+)"?\s+= (?!\{$)', after, re.M))
    assert values - seen == {"client_cidrs"}  # stands and falls with the list above it


@pytest.mark.parametrize(("line", "said"), [
    ('environment = "validation"', "says environment"),
    ('personal_dataset = ["a"]', "'personal_dataset', which is no variable"),
])  # fmt: skip
def test_values_of_another_environment_and_unknown_names_are_refused(
    answered: Path, tmp_path: Path, line: str, said: str
) -> None:
    planning.require_own(answered, "production")
    path = answered / "infra" / "environments" / "production.tfvars"
    path.write_text(f"{path.read_text()}\n{line} # a slip\n")
    with pytest.raises(BadInput, match=said):
        planning.plan(answered, tmp_path, "production", offline=True)


KEYS = ("alarms", "artefacts", "audit", "backup", "data", "database", "logs", "protected", "registry",
        "seal", "secrets", "tasks", "volumes")  # fmt: skip
GROUPS = ("database", "secrets", "secrets-balancer", "serving", "serving-balancer", "tracking",
          "tracking-balancer", "training")  # fmt: skip
LANDING_ZONE = {
    "network": {
        "vpc_id": "vpc-0a1b2c3d", "execute_api_endpoint_id": "vpce-0a1b2c3d",
        "workload_subnet_ids": ["subnet-0a", "subnet-0b", "subnet-0c"],
        "data_subnet_ids": ["subnet-1a", "subnet-1b", "subnet-1c"],
        "security_group_ids": {name: f"sg-{number:08x}" for number, name in enumerate(GROUPS)},
    },
    "keys": {name: f"arn:aws:kms:eu-central-1:777788889999:key/{name}" for name in KEYS},
    "alarm_topic_arn": "arn:aws:sns:eu-central-1:777788889999:security",
}  # fmt: skip
OWN = {
    "network": {"aws_vpc", "aws_subnet", "aws_vpc_endpoint", "aws_security_group", "aws_flow_log"},
    "keys": {"aws_kms_key"},
    "alarm_topic_arn": {"aws_cloudtrail", "aws_config_configuration_recorder", "aws_guardduty_detector"},
}  # fmt: skip


@pytest.mark.parametrize("part", [*LANDING_ZONE, "all"])
def test_a_landing_zone_brings_its_own_and_the_rest_takes_it(
    plans: Plans, composition: Terraform, tmp_path: Path, part: str
) -> None:
    brought = LANDING_ZONE if part == "all" else {part: LANDING_ZONE[part]}
    values = tmp_path / "brought.tfvars.json"
    values.write_text(json.dumps({"landing_zone": brought}))
    words = ("-refresh=false", sandbox.variables("production"), f"-var-file={values}")
    planned = composition.plan(*words)
    left = {i["type"] for _, i in summary.changes(planned)}
    for name, kinds in OWN.items():
        assert kinds <= {i["type"] for _, i in summary.changes(plans("production"))}
        assert left.isdisjoint(kinds) if name in brought else kinds <= left, name
    text = json.dumps([i["change"]["after"] for _, i in summary.changes(planned)])
    marks = {"network": "sg-00000003", "keys": "777788889999:key/tasks",
             "alarm_topic_arn": "777788889999:security"}  # fmt: skip
    assert {name for name, mark in marks.items() if mark in text} >= set(brought) - (
        {"alarm_topic_arn"} if "keys" in brought else set()
    )


def without(part: str, name: str) -> dict[str, Any]:
    """Return the landing zone without one key, or one security group."""
    changed = json.loads(json.dumps(LANDING_ZONE))
    del (changed["keys"] if part == "keys" else changed["network"]["security_group_ids"])[name]
    return {"landing_zone": changed}


AT_ONCE = {
    "landing_zone": {"keys": dict.fromkeys(KEYS, "alias/own")},
    "reserved_ranges": ["10.64.0.0/12"],
    "accounts": dict.fromkeys(sandbox.ENVIRONMENTS, "111122223333"),
    "tls_policy": "ELBSecurityPolicy-2016-08",
    "log_retention_days": 30,
    "images": dict.fromkeys(("serving", "tracking", "training"), "latest"),
    "retention": {"raw": 90, "trusted": 759, "protected": 760, "artefacts": 2555, "audit": 2555,
                  "access-logs": 365},
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (AT_ONCE, {*AT_ONCE} - {"landing_zone"} | {"landing_zone.keys"}),
        (without("keys", "seal"), {"landing_zone.keys"}),
        (without("groups", "database"), {"landing_zone.network.security_group_ids"}),
        ({"landing_zone": {"alarm_topic_arn": "arn:aws:sns:eu-central-1:777788889999:*"}},
         {"landing_zone.alarm_topic_arn"}),
        ({"listeners": {}}, {"listeners"}),
        ({"own_buckets": ["audit"]}, {"own_buckets"}),
    ],
)  # fmt: skip
def test_each_bad_value_is_refused_by_its_name(
    composition: Terraform, tmp_path: Path, given: dict[str, Any], named: set[str]
) -> None:
    values = tmp_path / "bad.tfvars.json"
    values.write_text(json.dumps(given))
    words = ("-input=false", "-no-color", "-refresh=false", sandbox.variables("production"))
    done = composition.done("plan", *words, f"-var-file={values}")
    assert done.returncode == 1
    blocks = problem(done, most=100_000).split("Error: ")
    refusals = [block for block in blocks if block.startswith("Invalid value for variable")]
    assert len(refusals) == len(blocks) - 1
    said = {
        name: re.compile(rf"{re.escape(name)} (is|has|name)|{re.escape(name)}.*\[")
        for name in named
    }
    assert [name for name in named if not any(map(said[name].search, refusals))] == []
    assert [text for text in refusals if not any(one.search(text) for one in said.values())] == []
