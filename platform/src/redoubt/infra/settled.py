"""A plan in which policies can be read: what AWS would name is given a made-up name beforehand.

A first plan leaves a policy out as soon as one ARN in it is unknown, and most are. So a state is written
that holds the named resources (roles, keys, buckets, …) as the first plan describes them, each with an
invented id and ARN, and the same Terraform is planned again without looking at AWS. What that second
plan says of policies is Terraform's own work; only the names are invented, and nothing is ever applied.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from redoubt.errors import Refused
from redoubt.infra import sandbox

PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'
# Type -> attributes that AWS chooses. {hex} is eight digits of the address's digest; the rest are the
# account, the region, the one VPC and the resource's own planned attributes.
INVENTED: Mapping[str, Mapping[str, str]] = {
    "aws_iam_role": {"id": "{name}", "arn": "arn:aws:iam::{account}:role/{name}", "unique_id": "AROA{hex}"},
    "aws_iam_policy": {
        "id": "arn:aws:iam::{account}:policy/{name}", "arn": "arn:aws:iam::{account}:policy/{name}",
    },
    "aws_iam_openid_connect_provider": {
        "id": "arn:aws:iam::{account}:oidc-provider/{host}",
        "arn": "arn:aws:iam::{account}:oidc-provider/{host}",
    },
    "aws_kms_key": {
        "id": "{hex}-0000-4000-8000-000000000000", "key_id": "{hex}-0000-4000-8000-000000000000",
        "arn": "arn:aws:kms:{region}:{account}:key/{hex}-0000-4000-8000-000000000000",
    },
    "aws_s3_bucket": {"id": "{bucket}", "arn": "arn:aws:s3:::{bucket}"},
    "aws_ecr_repository": {
        "id": "{name}", "arn": "arn:aws:ecr:{region}:{account}:repository/{name}",
        "repository_url": "{account}.dkr.ecr.{region}.amazonaws.com/{name}",
    },
    "aws_backup_vault": {
        "id": "{name}", "arn": "arn:aws:backup:{region}:{account}:backup-vault:{name}",
        "kms_key_arn": "{key_backup}",
    },
    "aws_sns_topic": {
        "id": "arn:aws:sns:{region}:{account}:{name}", "arn": "arn:aws:sns:{region}:{account}:{name}",
    },
    "aws_cloudwatch_log_group": {
        "id": "{name}", "arn": "arn:aws:logs:{region}:{account}:log-group:{name}",
    },
    "aws_ecs_cluster": {
        "id": "arn:aws:ecs:{region}:{account}:cluster/{name}",
        "arn": "arn:aws:ecs:{region}:{account}:cluster/{name}",
    },
    "aws_vpc": {
        "id": "{vpc}", "default_network_acl_id": "acl-{hex}", "default_route_table_id": "rtb-{hex}",
        "default_security_group_id": "sg-{hex}",
    },
    "aws_vpc_endpoint": {"id": "vpce-{hex}", "vpc_id": "{vpc}", "prefix_list_id": "pl-{hex}"},
    "aws_api_gateway_rest_api": {
        "id": "{hex}", "execution_arn": "arn:aws:execute-api:{region}:{account}:{hex}",
        "root_resource_id": "{hex}",
    },
    "aws_db_instance": {
        "id": "db-{hex}", "arn": "arn:aws:rds:{region}:{account}:db:{identifier}",
        "kms_key_id": "{key_database}", "address": "db-{hex}.{region}.rds.amazonaws.com",
        # What a database is born with: without a value Terraform would make another one.
        "availability_zone": "{region}a", "backup_target": "region", "character_set_name": "",
        "nchar_character_set_name": "", "snapshot_identifier": "", "timezone": "",
    },
    "aws_cloudwatch_event_rule": {
        "id": "{name}", "arn": "arn:aws:events:{region}:{account}:rule/{name}",
    },
}  # fmt: skip
KEY = INVENTED["aws_kms_key"]["arn"]
MASTER_ARN = "arn:aws:secretsmanager:{region}:{account}:secret:rds!db-{hex}"


def plan(infra: Path, environment: str, folder: Path, *words: str) -> dict[str, Any]:
    """Return the second plan of one environment, policies readable.

    Raises what `sandbox.plan` raises, and Refused when Terraform would replace an invented resource:
    then its ARNs are unknown again and the names above do not fit the modules any more.
    """
    with sandbox.opened(infra, folder) as tool:
        options = ("-refresh=false", sandbox.variables(environment), *words)
        first = tool.plan(*options)
        (tool.folder / "terraform.tfstate").write_text(json.dumps(state(first)))
        second = tool.plan(*options)
    replaced = [
        item["address"] for item in second["resource_changes"]
        if item["type"] in INVENTED and "delete" in item["change"]["actions"]
    ]  # fmt: skip
    if replaced:
        raise Refused(
            f"Terraform would replace what was only given a name: {', '.join(replaced[:3])}.",
            remedy="give the attribute that forces it in INVENTED, infra/settled.py",
        )
    return second


def state(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state in which the resources of INVENTED exist as a plan from nothing describes them."""
    schemas = dict(_schemas(plan["planned_values"]["root_module"]))
    return {
        "version": 4, "terraform_version": plan["terraform_version"], "serial": 1,
        "lineage": "00000000-0000-4000-8000-000000000000", "outputs": {}, "check_results": None,
        "resources": [
            _resource(item, _names(plan, item), schemas[item["address"]]) for item in plan["resource_changes"]
            if item["mode"] == "managed" and item["type"] in INVENTED
        ],
    }  # fmt: skip


def _names(plan: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, str]:
    """Return what the templates of INVENTED may use for one resource."""
    given = {name: entry.get("value") for name, entry in plan["variables"].items()}
    after = item["change"]["after"]
    texts = {name: value for name, value in after.items() if isinstance(value, str)}
    names = texts | {
        "account": given["accounts"][given["environment"]], "region": given["region"],
        "vpc": "vpc-0a0a0a0a", "host": str(after.get("url", "")).removeprefix("https://"),
        "hex": _hex(item["address"]),
    }  # fmt: skip
    return names | {f"key_{purpose}": _key(purpose, names) for purpose in ("backup", "database")}


def _hex(address: str) -> str:
    """Return eight hexadecimal digits that stand for one address."""
    return hashlib.sha256(address.encode()).hexdigest()[:8]


def _key(purpose: str, names: Mapping[str, str]) -> str:
    """Return the invented ARN of the key of one purpose."""
    return KEY.format(**{**names, "hex": _hex(f'module.keys[0].aws_kms_key.this["{purpose}"]')})


def _nested(kind: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the invented attributes of one type that are blocks."""
    if kind == "aws_db_instance":
        secret = MASTER_ARN.format(**names)
        return {"master_user_secret": [{"secret_arn": secret, "secret_status": "active"}]}
    if kind == "aws_ecr_repository":
        key = _key("registry", names)
        return {"encryption_configuration": [{"encryption_type": "KMS", "kms_key": key}]}
    return {}


def _schemas(module: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield (address, version of the provider's schema) of a module's resources and those below it."""
    for item in module.get("resources", []):
        yield item["address"], item.get("schema_version", 0)
    for child in module.get("child_modules", []):
        yield from _schemas(child)


def _resource(item: Mapping[str, Any], names: Mapping[str, str], schema: int) -> dict[str, Any]:
    """Return one resource of a state: its planned attributes and the invented ones."""
    invented = {key: text.format(**names) for key, text in INVENTED[item["type"]].items()}
    attributes = dict(item["change"]["after"]) | invented | _nested(item["type"], names)
    instance: dict[str, Any] = {
        "schema_version": schema, "attributes": attributes, "sensitive_attributes": [],
    }  # fmt: skip
    if "index" in item:
        instance["index_key"] = item["index"]
    found = {"mode": "managed", "type": item["type"], "name": item["name"], "provider": PROVIDER}
    if item.get("module_address"):
        found["module"] = item["module_address"]
    return found | {"instances": [instance]}
