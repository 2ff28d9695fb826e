"""Proves TRN-03: a run has no root, no writable tree, no way out, and only its project's own image."""

import json
import re
from typing import Any

from redoubt.infra import containers
from redoubt.infra.reading import Plan
from redoubt.proof import proves

REACHED = {"endpoints", "s3", "secrets-balancer", "tracking-balancer"}
FLOWS = "module.network[0]."
WRITTEN = r"module\.network\[0\]\.aws_vpc_security_group_\w+_rule\.(?:to|from)_(?:group|s3|bank)"
RULE = re.compile(WRITTEN + r'\["(?P<from>[a-z0-9-]+)-to-(?P<to>[a-z0-9-]+?)-\d+(?:-pl-\w+)?"\]')


def flows(plan: Plan) -> list[tuple[str | Any, ...]]:
    """Return (from, to) of every rule of a security group that the platform's flows make."""
    rules = plan.like(r"aws_vpc_security_group_\w+_rule")
    found = {rule.address: RULE.fullmatch(rule.address) for rule in rules if rule.module == FLOWS}
    assert [address for address, match in found.items() if not match] == []
    return [match.group("from", "to") for match in found.values() if match]


@proves("TRN-03.1")
def test_the_container_has_no_root_no_writable_root_no_capability_and_dumps_no_core(planned):
    found = containers.task(planned, "training").containers
    assert found
    for name, one in found.items():
        most = containers.limits(one)
        assert containers.loose(one) == [], name
        assert [limit for limit in ("cpu", "memory", "nofile") if not most[limit] > 0] == [], name
        assert most["core"] == 0, name


@proves("TRN-03.2")
def test_its_image_comes_by_digest_from_the_projects_own_registry(planned):
    given = {name: planned.raw["variables"][name]["value"] for name in ("accounts", "region")}
    (kept,) = (i for i in planned.of("aws_ecr_repository") if i.values["name"].endswith("-training"))  # fmt: skip
    host = f"{given['accounts']['production']}.dkr.ecr.{given['region']}.amazonaws.com"
    own = re.compile(rf"{re.escape(host)}/{re.escape(kept.values['name'])}@sha256:[0-9a-f]{{64}}")
    images = [one["image"] for one in containers.task(planned, "training").containers.values()]
    assert [image for image in images if not own.fullmatch(image)] == []
    assert kept.values["image_tag_mutability"] == "IMMUTABLE"


@proves("TRN-03.3")
def test_nothing_connects_to_it_and_it_reaches_named_services_without_a_public_address(planned):
    known = flows(planned)
    assert {to for source, to in known if source == "training"} == REACHED
    assert [source for source, to in known if to == "training"] == []
    task = containers.task(planned, "training")
    assert task.resource.values["network_mode"] == "awsvpc"
    assert [one["portMappings"] for one in task.containers.values()] == [[]]
    (target,) = (t for t in planned.of("aws_cloudwatch_event_target") if t.values["ecs_target"])
    network = target.values["ecs_target"][0]["network_configuration"][0]
    assert network["assign_public_ip"] is False
    # Known before anything is made is only a group or a subnet that this project does not make.
    assert [name for name in ("security_groups", "subnets") if network.get(name)] == []


@proves("TRN-03.4")
def test_the_task_shares_nothing_gets_no_secret_and_nobody_opens_a_shell(planned):
    task = containers.task(planned, "training")
    assert task.shared() == {}
    assert task.writable() <= {"/tmp", "/var/lib/redoubt"}
    assert task.secret() == []
    assert [one["secrets"] for one in task.containers.values()] == [[]]
    (target,) = (t for t in planned.of("aws_cloudwatch_event_target") if t.values["ecs_target"])
    (started,) = target.values["ecs_target"]
    assert (started["enable_execute_command"], started["launch_type"]) == (False, "FARGATE")
    assert task.resource in planned.referred(target, "ecs_target")
    assert (
        "task_definition_arn" not in started
    )  # Known only where it is another one than the task's own.
    # What starts the task could override its command and its environment.
    assert not any(target.values[name] for name in ("input", "input_path", "input_transformer"))


@proves("TRN-03.5")
def test_writing_privilege_and_network_fail_while_a_confined_run_trains(trained_confined):
    seen = json.loads((trained_confined / "seen.json").read_text())
    assert seen["tried"] == {
        "write": "EROFS", "become root": "EINVAL", "change a mode": "EROFS",
        "make it writable": "EPERM", "reach out": "ENETUNREACH",
    }  # fmt: skip
    assert seen["code"] == 0, seen["said"][-2000:]
    assert seen["candidates"] == 1
