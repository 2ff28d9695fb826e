"""What one plan says of policies: roles with all that speaks of them, and the policies of resources.

Everything comes from the plan's JSON. A policy that the plan leaves open (an ARN in it is not known
yet) is listed in ``open`` and never taken for an empty one; `naming.named` makes plans that
leave none open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from redoubt.errors import BadInput
from redoubt.infra.policies.decide import Guard
from redoubt.infra.policies.document import Policy, parse

Item = Mapping[str, Any]
# Type -> the attribute that names what its policy guards.
GUARDS = {
    "aws_s3_bucket_policy": "bucket", "aws_ecr_repository_policy": "repository",
    "aws_backup_vault_policy": "backup_vault_name", "aws_sns_topic_policy": "arn",
    "aws_api_gateway_rest_api_policy": "rest_api_id",
}  # fmt: skip
ORDER = ("development", "validation", "production")
DOCUMENTS = {"aws_iam_policy", "aws_iam_role_policy", "aws_kms_key", "aws_vpc_endpoint", *GUARDS}


@dataclass(frozen=True)
class Role:
    """A role: who may take it, what it is granted, and what caps it."""

    arn: str
    trust: Policy | None
    identity: tuple[Policy, ...]
    boundary: Policy | None


@dataclass(frozen=True)
class Estate:
    """The policies of one environment. Keys go by purpose, roles and buckets by name.

    A key that a landing zone lends has an ARN and no policy here: that one is its owner's to prove.
    """

    environment: str
    account: str
    accounts: Mapping[str, str]
    region: str
    organisation: str
    prefix: str
    roles: Mapping[str, Role]
    key_arns: Mapping[str, str]
    keys: Mapping[str, Guard]
    guards: Mapping[
        str, Guard
    ]  # buckets, repositories, vaults, topics and the API by what they guard
    endpoints: Mapping[str, Policy]  # by the end of the service's name, such as s3 or ecr.api
    buckets: tuple[str, ...]
    bucket_keys: Mapping[str, str]  # bucket -> ARN of the key that it encrypts with
    secrets: tuple[str, ...]  # master passwords that AWS makes
    open: tuple[str, ...]  # addresses whose policy the plan does not know

    @property
    def below(self) -> str:
        """Return the environment from which images are copied, "" in development."""
        place = ORDER.index(self.environment)
        return ORDER[place - 1] if place else ""

    def functions(self) -> Iterator[tuple[str, Role]]:
        """Yield (function, role) of every role of the project, "trainer" for credit-prod-trainer."""
        for name, role in self.roles.items():
            yield name.removeprefix(f"{self.prefix}-"), role


def read(plan: Mapping[str, Any]) -> Estate:
    """Return the estate of a plan. Raises BadInput when a policy holds what is not understood."""
    items = [one for one in plan["resource_changes"]
             if one["mode"] == "managed" and one["change"]["after"] is not None]  # fmt: skip
    given = {name: entry.get("value") for name, entry in plan["variables"].items()}
    account = given["accounts"][given["environment"]]
    roles = _roles(items)
    trainer = next(name for name in roles if name.endswith("-trainer"))
    keys = [one for one in _of(items, "aws_kms_key") if one.get("index")]
    lent = (given.get("landing_zone") or {}).get("keys") or {}
    return Estate(
        environment=given["environment"], account=account, accounts=given["accounts"],
        region=given["region"], organisation=given["organisation_id"],
        prefix=trainer.removesuffix("-trainer"), roles=roles,
        key_arns={**lent, **{one["index"]: _after(one).get("arn", "") for one in keys}},
        keys={one["index"]: Guard(policy, account, must_allow=True)
              for one in keys if (policy := _policy(one))},
        guards=_guards(items, account),
        endpoints={_after(one)["service_name"].split(f"{given['region']}.")[1]: policy
                   for one in _of(items, "aws_vpc_endpoint") if (policy := _policy(one))},
        buckets=tuple(_after(one)["bucket"] for one in _of(items, "aws_s3_bucket")),
        bucket_keys=_bucket_keys(items),
        secrets=tuple(secret["secret_arn"] for one in _of(items, "aws_db_instance")
                      for secret in _after(one).get("master_user_secret") or []),
        open=tuple(_open(items)),
    )  # fmt: skip


def _of(items: list[Item], kind: str) -> list[Item]:
    """Return the resources of one type."""
    return [one for one in items if one["type"] == kind]


def _after(item: Item) -> Mapping[str, Any]:
    """Return what a resource will be."""
    after: Mapping[str, Any] = item["change"]["after"]
    return after


def _policy(item: Item, attribute: str = "policy") -> Policy | None:
    """Return a resource's policy under its address, None when the plan does not know it."""
    text = _after(item).get(attribute)
    return parse(text, item["address"]) if isinstance(text, str) else None


def _guards(items: list[Item], account: str) -> dict[str, Guard]:
    """Return the policies of resources by what they guard. Raises BadInput when two guard one name."""
    found: dict[str, Guard] = {}
    for kind, name in GUARDS.items():
        for one in _of(items, kind):
            policy, owner = _policy(one), str(_after(one).get(name))
            if policy and owner in found:
                raise BadInput(
                    f"{policy.name} and {found[owner].policy.name} both guard {owner!r}.",
                    remedy="give one of the two resources another name",
                )
            if policy:
                found[owner] = Guard(policy, account)
    return found


def _open(items: list[Item]) -> Iterator[str]:
    """Yield the address of every policy that is not known before the apply."""
    for one in items:
        names = ["policy"] if one["type"] in DOCUMENTS else []
        names += ["assume_role_policy"] if one["type"] == "aws_iam_role" else []
        unknown = one["change"].get("after_unknown") or {}
        yield from (one["address"] for name in names if unknown.get(name) is True)


def _roles(items: list[Item]) -> dict[str, Role]:
    """Return every role by its name."""
    bounds = {_after(one).get("arn"): _policy(one) for one in _of(items, "aws_iam_policy")}
    granted: dict[str, list[Policy]] = {}
    for one in _of(items, "aws_iam_role_policy"):
        if policy := _policy(one):
            granted.setdefault(str(_after(one).get("role")), []).append(policy)
    return {
        _after(one)["name"]: Role(
            arn=str(_after(one).get("arn")), trust=_policy(one, "assume_role_policy"),
            identity=tuple(granted.get(_after(one)["name"], ())),
            boundary=bounds.get(_after(one).get("permissions_boundary")),
        ) for one in _of(items, "aws_iam_role")
    }  # fmt: skip


def _bucket_keys(items: list[Item]) -> dict[str, str]:
    """Return the key that each bucket encrypts with, as far as the plan knows it."""
    found = {}
    for one in _of(items, "aws_s3_bucket_server_side_encryption_configuration"):
        for rule in _after(one).get("rule") or []:
            for default in rule["apply_server_side_encryption_by_default"]:
                found[str(_after(one).get("bucket"))] = default.get("kms_master_key_id") or ""
    return found
