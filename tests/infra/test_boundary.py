"""No service role is given an action that the permissions boundary would deny in silence.

A plan knows few role policies (keys have no ARN yet), so the actions are read where they are written:
in every Terraform file that makes a policy of a role.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

MODULES = Path(__file__).resolve().parents[2] / "infra" / "modules"
ACTION = re.compile(r'"([a-z0-9-]+:[A-Z][A-Za-z]+)"(?! *=)')  # "kms:ViaService" = … is a condition
ROLE_POLICY = re.compile(r'^resource "aws_iam_role_policy" .*?^}', re.M | re.S)
# Not policies of the project's own roles: the boundary itself, what keys, buckets and repositories allow,
# and the state's role, whose boundary is the bank's.
ELSEWHERE = {"identity", "state"}


def role_modules() -> list[str]:
    """Return the modules that make roles of their own."""
    return sorted(
        path.name for path in MODULES.iterdir() if path.name not in ELSEWHERE
        and any('resource "aws_iam_role_policy"' in file.read_text() for file in path.glob("*.tf"))
    )  # fmt: skip


def granted(module: str) -> set[str]:
    """Return every action in a file of the module that belongs to a role's policy."""
    texts = [file.read_text() for file in (MODULES / module).glob("*.tf")]
    policies = [block for text in texts for block in ROLE_POLICY.findall(text)]
    names = {name for block in policies for name in re.findall(r"local\.(\w+)", block)}
    actions: set[str] = set()
    for text in texts:
        written = ROLE_POLICY.search(text) or any(
            re.search(rf"^  {name}\s+= ", text, re.M) for name in names
        )
        actions |= set(ACTION.findall(text)) if written else set()
    # Who may take a role stands in the same files and is no policy of the role.
    return {action for action in actions if not action.startswith(("aws:", "sts:AssumeRole"))}


def ceiling() -> set[str]:
    """Return what the boundary allows: the matrix's actions and the services'."""
    matrix = yaml.safe_load((MODULES / "identity" / "access.yml").read_text())
    return {a for row in matrix["sets"].values() for a in row["actions"]} | set(matrix["services"])


def test_modules_with_roles_are_found() -> None:
    assert {"audit", "backup", "execution", "network", "serving", "tracking", "training"} <= set(
        role_modules()
    )


@pytest.mark.parametrize("module", role_modules())
def test_the_boundary_covers_what_a_service_role_may_do(module: str) -> None:
    assert granted(module)
    assert sorted(granted(module) - ceiling()) == []
