"""The fact ``backups``: what production's plan backs up, by whom, when and to where."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from redoubt.infra.reading import Plan
from redoubt.infra.rights import granted, refused
from redoubt.infra.statements import listed
from redoubt.proof import fact


class Backups:
    """The backup of a plan: the set by ARN, and what is said about it elsewhere."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        given = {name: one["value"] for name, one in plan.raw["variables"].items()}
        self.here = given["region"], given["accounts"][plan.environment]

    @cached_property
    def kept(self) -> set[str]:
        """Return the ARN of everything that is named for backup, and that nothing takes out again."""
        return {
            arn for one in self.plan.of("aws_backup_selection")
            if not any(one.values.get(name) for name in ("condition", "not_resources", "selection_tag"))
            for arn in one.values.get("resources") or []
        }  # fmt: skip

    @cached_property
    def bucket_arns(self) -> list[str]:
        return [f"arn:aws:s3:::{name}" for name in self.plan.values("aws_s3_bucket", "bucket")]

    @cached_property
    def database_arns(self) -> list[str]:
        return [
            f"arn:aws:rds:{':'.join(self.here)}:db:{name}"
            for name in self.plan.values("aws_db_instance", "identifier")
        ]

    @cached_property
    def rules(self) -> list[dict[str, Any]]:
        (selection,) = (i for i in self.plan.of("aws_backup_selection") if i.values["resources"])
        (plan,) = self.plan.referred(selection, "plan_id")
        return list(plan.values["rule"])

    @cached_property
    def rights(self) -> list[dict[str, Any]]:
        """Return the statements of the role with which the named set is backed up."""
        (selection,) = (i for i in self.plan.of("aws_backup_selection") if i.values["resources"])
        (role,) = self.plan.referred(selection, "iam_role_arn")
        return [
            statement
            for own in self.plan.of("aws_iam_role_policy")
            if self.plan.referred(own, "role") == (role,)
            for statement in own.policy()
        ]

    def may(self, action: str, resource: str) -> bool:
        """Say whether that role may do something, by its policy and under the boundary."""
        (boundary,) = self.plan.of("aws_iam_policy")
        return all(
            granted(said, action, resource) and not refused(said, action, resource)
            for said in (self.rights, boundary.policy())
        )

    @cached_property
    def snapshots(self) -> list[str]:
        """Return where the secrets store may write objects: its snapshots."""
        return [
            place
            for own in self.plan.of("aws_iam_role_policy")
            if own.module.startswith("module.secrets")
            for statement in own.policy()
            if "s3:PutObject" in listed(statement.get("Action"))
            for place in listed(statement["Resource"])
        ]


@fact(reads=["platform/src/redoubt/infra/*.py"])
def backups(planned: Plan) -> Backups:
    return Backups(planned)
