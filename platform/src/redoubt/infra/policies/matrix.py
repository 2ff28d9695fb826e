"""The access matrix as cells: who may do which action on which resource, and who never may.

The cells come from ``access.yml`` and the resources from names and ARNs of the plan, never from the
policies that are judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from redoubt.infra.policies.decide import ALLOW, DENY, Decision, Guard, Policies, decide
from redoubt.infra.policies.document import Policy, parse
from redoubt.infra.policies.estate import Estate, Role
from redoubt.infra.policies.request import Principal, ask

Matrix = Mapping[str, Any]
SAMPLE = "sample.bin"
TASKS = ("Service", "ecs-tasks.amazonaws.com")
ENDPOINTS = {
    "ecr": "ecr.api",
    "cloudwatch": "monitoring",
}  # All others are called as their actions.


@dataclass(frozen=True)
class Cell:
    """One question to the matrix. ``via`` is the AWS service through which a key is used, or ""."""

    role: str
    action: str
    kind: str  # class of resource
    name: str
    via: str
    may: bool
    written: (
        bool  # stands in the matrix; all others follow from "what is not written is not allowed"
    )


def cells(matrix: Matrix, environment: str) -> list[Cell]:
    """Return every role with every action set on everything that any role names for it, and `never`."""
    granted = {role: _granted(entry, environment) for role, entry in matrix["roles"].items()}
    found: dict[tuple[str, ...], Cell] = {}
    for role, entry in matrix["roles"].items():
        never = entry.get("never", {})
        for name_of_set, row in matrix["sets"].items():
            mine = [*granted[role].get(name_of_set, []), *never.get(name_of_set, [])]
            for name in _names(matrix, granted, name_of_set):
                for action in row["actions"]:
                    for via in row.get("via", [""]):
                        cell = Cell(role, action, row["class"], name, via, may=False,
                                    written=name in mine or row["class"] == "everything")  # fmt: skip
                        may = _may(matrix, granted[role], cell)
                        key = (role, action, cell.kind, name, via)
                        found.setdefault(key, replace(cell, may=may))
    return list(found.values())


def _granted(entry: Matrix, environment: str) -> dict[str, list[str]]:
    """Return what a role may in an environment."""
    only = "in_development" if environment == "development" else "above_development"
    return {**entry["may"], **entry.get(only, {})}


def _names(matrix: Matrix, granted: Mapping[str, Any], wanted: str) -> list[str]:
    """Return every resource that anybody may or never may touch with a set's class."""
    kind = matrix["sets"][wanted]["class"]
    if kind == "everything":
        return ["*"]
    named = [name for role, entry in matrix["roles"].items()
             for block in (granted[role], entry.get("never", {}))
             for one, names in block.items() if matrix["sets"][one]["class"] == kind
             for name in names]  # fmt: skip
    return sorted(set(named))


def _may(matrix: Matrix, mine: Mapping[str, list[str]], cell: Cell) -> bool:
    """Return whether any grant of a role covers a cell, by its name or by a folder above it."""
    return any(
        cell.action in row["actions"] and row["class"] == cell.kind and cell.via in row.get("via", [""])
        and (cell.kind == "everything" or any(f"{cell.name}/".startswith(f"{one}/") for one in mine[key]))
        for key, row in matrix["sets"].items() if key in mine
    )  # fmt: skip


def arns(estate: Estate, cell: Cell) -> list[str]:
    """Return the resources that a cell speaks of; an empty class (no dataset key yet) has none."""
    local = f"{estate.region}:{estate.account}"
    head, _, folder = cell.name.partition("/")
    bucket = f"arn:aws:s3:::{estate.prefix}-{head}-{estate.account}"
    simple = {
        "everything": "*", "buckets": bucket,
        "objects": "/".join(part for part in (bucket, folder, SAMPLE) if part),
        "event_buses": f"arn:aws:events:{local}:event-bus/{cell.name}",
        "log_groups": f"arn:aws:logs:{local}:log-group:/redoubt/{estate.prefix}/{cell.name}",
        "passed_roles": f"arn:aws:iam::{estate.account}:role/{estate.prefix}-{cell.name}",
        "repositories": f"arn:aws:ecr:{local}:repository/{estate.prefix}-{cell.name}",
        "services": f"arn:aws:ecs:{local}:service/{estate.prefix}-{cell.name}/{estate.prefix}-{cell.name}",
        "vaults": f"arn:aws:backup:{local}:backup-vault:{estate.prefix}-{cell.name}",
    }  # fmt: skip
    if cell.kind in simple:
        return [simple[cell.kind]]
    if cell.kind == "keys":
        datasets = [
            arn for purpose, arn in estate.key_arns.items() if purpose.startswith("dataset-")
        ]
        return datasets if cell.name == "datasets" else [estate.key_arns[cell.name]]
    return list(_elsewhere(estate, cell))


def _elsewhere(estate: Estate, cell: Cell) -> Iterator[str]:
    """Yield what a plan names only inside policies of others: secrets, and repositories below."""
    if cell.kind == "secrets":
        yield from estate.secrets
    elif cell.kind == "source_repositories" and estate.below:
        short = {"development": "dev", "validation": "val"}[estate.below]
        project = estate.prefix.rpartition("-")[0]
        for workload in ("serving", "tracking", "training"):
            yield (f"arn:aws:ecr:{estate.region}:{estate.accounts[estate.below]}:repository/"
                   f"{project}-{short}-{workload}")  # fmt: skip


def judge(
    estate: Estate, cell: Cell, arn: str, *,
    extra: Policy | None = None, changed: Mapping[str, str] | None = None,
) -> Decision:  # fmt: skip
    """Return what the policies of one environment answer to a cell.

    ``extra`` is one more grant; ``changed`` overwrites keys of the context, as `request.ask` names them.
    """
    role = estate.roles[f"{estate.prefix}-{cell.role}"]
    identity = role.identity + ((extra,) if extra else ())
    guard = guard_of(estate, cell.kind, arn)
    request = ask(Principal("AWS", role.arn), cell.action, arn, estate.organisation, estate.region,
                  **{**context(estate, cell), **(changed or {})})  # fmt: skip
    return decide(
        request, Policies(identity, role.boundary, guard, endpoint_of(estate, role, cell))
    )


def obstacle(estate: Estate, cell: Cell, arn: str) -> str:
    """Return why a cell is denied: "no grant" if one grant more would open it, else what stands against it."""
    grant = {"Effect": "Allow", "Action": cell.action, "Resource": arn}
    extra = parse({"Version": "2012-10-17", "Statement": [grant]}, "one grant more")
    decision = judge(estate, cell, arn, extra=extra)
    if decision.answer != DENY:
        return "no grant" if decision.answer == ALLOW else decision.answer
    guard = guard_of(estate, cell.kind, arn)
    silent = f"{guard.policy.name} grants it to somebody else" if guard and guard.must_allow else ""
    return "; ".join(decision.because) or silent or "the boundary"


def guard_of(estate: Estate, kind: str, arn: str) -> Guard | None:
    """Return the policy of the resource itself, None where a class has none."""
    name = arn.split(":", 5)[-1].removeprefix("repository/").removeprefix("backup-vault:")
    if kind == "keys":
        return next(estate.keys.get(one) for one, known in estate.key_arns.items() if known == arn)
    if kind in ("buckets", "objects"):
        return estate.guards[name.split("/")[0]]
    return estate.guards[name] if kind in ("repositories", "vaults") else None


def endpoint_of(estate: Estate, role: Role, cell: Cell) -> Policy | None:
    """Return the policy of the endpoint that a task's call goes through, an empty one where none is.

    People and pipelines call from elsewhere, and a service that uses a key for somebody calls from AWS.
    """
    takers = {pair for one in (role.trust.statements if role.trust else ()) for pair in one.principals or ()}  # fmt: skip
    if TASKS not in takers or cell.via or not estate.endpoints:
        return None
    service = cell.action.partition(":")[0]
    name = ENDPOINTS.get(service, service)
    return estate.endpoints.get(name) or Policy(f"no endpoint of {name}", ())


def context(estate: Estate, cell: Cell) -> dict[str, str]:
    """Return what a well-formed call of a cell's kind carries besides the usual."""
    if cell.via:
        return {"kms__ViaService": f"{cell.via}.{estate.region}.amazonaws.com"}
    if cell.kind == "passed_roles":
        return {"iam__PassedToService": "ecs-tasks.amazonaws.com"}
    if cell.action == "s3:PutObject":
        bucket = f"{estate.prefix}-{cell.name.split('/')[0]}-{estate.account}"
        return {"s3__x_amz_server_side_encryption": "aws:kms",
                "s3__x_amz_server_side_encryption_aws_kms_key_id": estate.bucket_keys[bucket]}  # fmt: skip
    return {}
