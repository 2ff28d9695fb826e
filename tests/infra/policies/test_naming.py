"""A name is given to a policy where it follows from the plan, and to none where it does not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from redoubt.infra.policies import estate, findings, naming
from redoubt.infra.reading import Plan

pytestmark = pytest.mark.slow
GUARD = 'module.storage.module.data["{}"].aws_s3_bucket_policy.this'


def test_every_policy_has_its_owner_by_the_name_that_aws_will_give_it(
    readable: Callable[[str], dict[str, Any]],
) -> None:
    found = estate.read(readable("production"))
    assert found.open == ()
    trainer = found.roles["credit-default-prod-trainer"]
    assert trainer.arn == "arn:aws:iam::777788889999:role/credit-default-prod-trainer"
    assert trainer.boundary
    buckets = {name.rpartition("-prod-")[2].rpartition("-")[0] for name in found.buckets}
    assert {"raw", "trusted", "protected", "artefacts", "audit"} <= buckets
    assert set(found.buckets) <= set(found.guards)


def test_a_policy_of_which_the_plan_does_not_say_whose_it_is_stays_nobodys(
    readable: Callable[[str], dict[str, Any]],
) -> None:
    plan = copy.deepcopy(readable("production"))
    (item,) = [one for one in plan["resource_changes"] if one["address"] == GUARD.format("raw")]
    item["change"]["after"].pop("bucket")
    module = plan["configuration"]["root_module"]["module_calls"]["storage"]["module"]
    bucket = module["module_calls"]["data"]["module"]
    for one in bucket["resources"]:
        if one["address"] == "aws_s3_bucket_policy.this":
            one["expressions"].pop("bucket")
    said = [str(one) for one in findings.unread(naming.named(Plan("production", plan)))]
    assert [
        one for one in said if "-raw-" in one and "no policy that the plan knows" in one
    ] == said
    assert said
