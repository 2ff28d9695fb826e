"""Proves SRV-07: the service runs without root, capability, secret or core dump, and writes its state only."""

import re

from redoubt.infra import containers
from redoubt.proof import proves

SECRET = re.compile(r"TOKEN|SECRET|PASS|KEY|CREDENTIAL", re.IGNORECASE)
FOLDER = "/run/redoubt"


@proves("SRV-07.1")
def test_each_container_has_no_root_no_writable_root_no_capability_and_no_privilege(planned):
    found = containers.task(planned, "serving").containers
    assert {"materials", "serving"} <= found.keys()
    assert {name: containers.loose(one) for name, one in found.items() if containers.loose(one)} == {}  # fmt: skip


@proves("SRV-07.2")
def test_each_container_has_limits_and_dumps_no_core(planned):
    for name, one in containers.task(planned, "serving").containers.items():
        most = containers.limits(one)
        assert most["cpu"] > 0, name
        assert most["memory"] > 0, name
        assert 0 < most["nofile"] <= 65535, name
        assert most["core"] == 0, name


@proves("SRV-07.3")
def test_the_services_environment_holds_no_secret_and_its_files_are_read_only(planned):
    task = containers.task(planned, "serving")
    found = task.containers
    assert task.secret() == []
    service, writer = found["serving"], found["materials"]
    assert service["secrets"] == []
    given = {item["name"]: item["value"] for item in service["environment"]}
    assert [n for n, v in given.items() if SECRET.search(n) and not v.startswith(f"{FOLDER}/")] == []  # fmt: skip
    assert not writer["essential"]
    assert {"containerName": "materials", "condition": "SUCCESS"} in service["dependsOn"]
    (kept,) = (m["sourceVolume"] for m in service["mountPoints"] if m["containerPath"] == FOLDER)
    assert [m["readOnly"] for m in service["mountPoints"] if m["sourceVolume"] == kept] == [True]


@proves("SRV-07.4")
def test_the_task_shares_nothing_with_its_machine_and_nobody_opens_a_shell(planned):
    task = containers.task(planned, "serving")
    assert task.resource.values["network_mode"] == "awsvpc"
    assert task.shared() == {}
    assert task.writable() <= {FOLDER, "/tmp", "/var/lib/redoubt"}
    services = planned.of("aws_ecs_service")
    (runs,) = (s for s in services if s.module == task.resource.module)
    assert planned.referred(runs, "task_definition") == (task.resource,)
    assert runs.values["launch_type"] == "FARGATE"
    assert [s.address for s in services if s.values["enable_execute_command"] is not False] == []


@proves("SRV-07.5")
def test_confined_to_its_state_the_service_answers_refuses_strangers_and_records(
    confined, verdicts
):
    assert confined.tried == {"write": "EROFS", "become root": "EINVAL", "change a mode": "EROFS",
                              "make it writable": "EPERM"}  # fmt: skip
    assert confined.started.was_ready, confined.started.output[-2000:]
    assert int(confined.status("CapEff"), 16) == 0
    assert confined.status("NoNewPrivs") == "1"
    answer = confined.service.post(verdicts.row)
    assert answer.status == 200
    assert confined.service.post(verdicts.row, token="").status == 401
    assert answer.json()["decision_id"] in confined.recorded()


@proves("SRV-07.6")
def test_the_running_service_can_dump_no_core(confined):
    assert confined.limit("Max core file size") == ["0", "0"]
