"""A plan from nothing, named, says of policies what the settled plan says: whose they are and what guards what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.infra import sandbox
from redoubt.infra.policies import ceiling, estate, findings, naming, perimeter, trust
from redoubt.infra.policies.estate import Estate
from redoubt.infra.reading import Plan

Plans = Callable[[str], dict[str, Any]]
pytestmark = pytest.mark.slow
JUDGES = (findings.unread, perimeter.buckets, perimeter.services, trust.trusts, trust.confused, ceiling.capped)  # fmt: skip
# Its id follows from no name, so it goes by another ARN here.
API = "module.serving.aws_api_gateway_rest_api_policy.this"


@pytest.fixture(scope="module")
def named(
    rendered: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("named")
    return naming.named(Plan("production", sandbox.plan(rendered / "infra", "production", folder)))


def shape(found: Estate) -> dict[str, Any]:
    """Return what two ways of naming must agree in."""
    return {
        "roles": {
            name: (role.arn, role.trust is not None, [one.name for one in role.identity],
                   role.boundary and role.boundary.name) for name, role in found.roles.items()
        },
        "buckets": sorted(found.buckets), "keys": sorted(set(found.keys) - {"dataset-loans"}),
        "bucket_keys": sorted(found.bucket_keys), "endpoints": sorted(found.endpoints),
        "guards": {name: guard.policy.name for name, guard in found.guards.items()
                   if guard.policy.name != API}, "open": found.open,
    }  # fmt: skip


def test_the_two_ways_of_naming_agree(named: dict[str, Any], readable: Plans) -> None:
    here, settled = estate.read(named), estate.read(readable("production"))
    ours, theirs = shape(here), shape(settled)
    assert sorted(ours.pop("guards").items() ^ theirs.pop("guards").items()) == []
    assert ours == theirs


@pytest.mark.parametrize("judge", JUDGES, ids=lambda one: one.__name__)
def test_nothing_is_found(named: dict[str, Any], judge: Callable[..., Any]) -> None:
    assert [str(one) for one in judge(named)] == []


def test_every_cell_is_answered_as_written_and_no_other_call(
    named: dict[str, Any], matrix: dict[str, Any]
) -> None:
    assert [str(one) for one in findings.access(named, matrix)] == []
    assert [str(one) for one in findings.beside(named, matrix)] == []
