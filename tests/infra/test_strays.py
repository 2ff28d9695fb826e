"""What a killed apply left without a state is found by its kind, and removed; nothing else is touched."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from redoubt.infra.emulator import adopted, listing, teardown

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("emulator")]
AIR = (
    "module.serving.aws_ecs_task_definition.this",
    'module.secrets.aws_ebs_volume.this["a"]',
    'module.keys[0].aws_kms_key.this["data"]',
)
GONE = """\
Error: deleting VPC Security Group Rule (sgr-0a1b)

operation error EC2: RevokeSecurityGroupIngress, api error
InvalidPermission.NotFound: The specified rule does not exist in this
security group
"""
HELD = """\
Error: detaching EC2 Network Interface (eni-0a1b)

operation error EC2: DetachNetworkInterface, api error
"""


class Apply:
    """An emulated account; ``kept`` is what a state knows of it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.before = listing.everything(self.client)
        self.kept: dict[str, str] = {}

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self._address, region_name="eu-central-1")

    def known(self, attribute: str = "id") -> dict[str, str]:
        return self.kept


@pytest.fixture
def apply(account: str) -> Apply:
    """Return an emulated account in which nothing was made yet."""
    return Apply(account)


def revision(apply: Apply) -> str:
    """Register a task definition; return its ARN."""
    box = {"name": "serving", "image": "image", "memory": 64}
    made = apply.client("ecs").register_task_definition(family="own", containerDefinitions=[box])
    return str(made["taskDefinition"]["taskDefinitionArn"])


def test_a_second_revision_and_a_loose_volume_are_found_and_removed(apply: Apply) -> None:
    ec2 = apply.client("ec2")
    lost, apply.kept = revision(apply), {AIR[0]: revision(apply)}
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)  # has a volume that is not loose
    loose = ec2.create_volume(AvailabilityZone="eu-central-1a", Size=1)["VolumeId"]
    found = adopted.strays(apply, AIR)  # type: ignore[arg-type]
    assert found == {"aws_ecs_task_definition": [lost], "aws_ebs_volume": [loose]}
    teardown.remove(apply.client, found)
    assert adopted.strays(apply, AIR) == {}  # type: ignore[arg-type]
    assert apply.client("ecs").list_task_definitions()["taskDefinitionArns"] == [apply.kept[AIR[0]]]


def test_what_was_not_in_the_air_is_nobodys_stray(apply: Apply) -> None:
    revision(apply)
    assert adopted.strays(apply, AIR[1:]) == {}  # type: ignore[arg-type]


def test_each_kind_of_stray_is_listed_and_can_be_removed() -> None:
    assert set(adopted.NAMELESS.values()) == set(teardown.REMOVALS)
    assert set(adopted.NAMELESS) - {"endpoints", "keys"} <= set(listing.LISTS)


def test_a_rule_that_the_emulator_lost_is_told_from_what_resists() -> None:
    assert teardown.lost(GONE + HELD) == ({"sgr-0a1b"}, HELD)
    assert teardown.lost(HELD) == (set(), HELD)


def test_the_state_forgets_what_was_lost_and_nothing_else() -> None:
    said: list[tuple[str, ...]] = []
    at: Any = SimpleNamespace(
        known=lambda: {"rule.a": "sgr-0a1b", "rule.b": "sgr-0a1c"},
        tool=SimpleNamespace(run=lambda *words: said.append(words)),
    )
    teardown.forget(at, {"sgr-0a1b"})
    teardown.forget(at, set())
    assert said == [("state", "rm", "rule.a")]
