"""What lives in an account, by kind: to see that a destroyed environment left nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redoubt.infra.emulator.clients import Client

GONE = frozenset({"terminated", "PendingDeletion", "INACTIVE", "deleted"})
# kind: service, call, where the list stands in the answer, the field that names one.
LISTS: dict[str, tuple[str, str, str, str]] = {
    "alarms": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "backup plans": ("backup", "list_backup_plans", "BackupPlansList", "BackupPlanId"),
    "backup vaults": ("backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName"),
    "balancers": ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"),
    "buckets": ("s3", "list_buckets", "Buckets", "Name"),
    "databases": ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    "detectors": ("guardduty", "list_detectors", "DetectorIds", ""),
    "event rules": ("events", "list_rules", "Rules", "Name"),
    "flow logs": ("ec2", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    "gateways": ("apigateway", "get_rest_apis", "items", "id"),
    "groups": ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    "interfaces": ("ec2", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    "key names": ("kms", "list_aliases", "Aliases", "AliasName"),
    "loose volumes": ("ec2", "describe_volumes", "Volumes", "VolumeId"),
    "log groups": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "policies": ("iam", "list_policies", "Policies", "Arn"),
    "recorders": ("config", "describe_configuration_recorders", "ConfigurationRecorders", "name"),
    "repositories": ("ecr", "describe_repositories", "repositories", "repositoryName"),
    "roles": ("iam", "list_roles", "Roles", "RoleName"),
    "route tables": ("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    "schedules": ("scheduler", "list_schedules", "Schedules", "Name"),
    "secrets": ("secretsmanager", "list_secrets", "SecretList", "Name"),
    "subnets": ("ec2", "describe_subnets", "Subnets", "SubnetId"),
    "target groups": ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName"),
    "task definitions": ("ecs", "list_task_definitions", "taskDefinitionArns", ""),
    "topics": ("sns", "list_topics", "Topics", "TopicArn"),
    "trails": ("cloudtrail", "describe_trails", "trailList", "Name"),
    "volumes": ("ec2", "describe_volumes", "Volumes", "VolumeId"),
    "vpcs": ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "loose volumes": {"Filters": [{"Name": "status", "Values": ["available"]}]},
    "policies": {"Scope": "Local"},
}


def everything(client: Client) -> dict[str, set[str]]:
    """Return the names of all that lives, by kind: what is only listed still, and ended, does not."""
    found = {kind: _names(client, kind) for kind in LISTS}
    found["keys"] = {
        key for item in pages(client("kms"), "list_keys", "Keys", {})
        if client("kms").describe_key(KeyId=(key := item["KeyId"]))["KeyMetadata"]["KeyState"]
        not in GONE
    }  # fmt: skip
    found["instances"] = {
        item["InstanceId"]
        for group in pages(client("ec2"), "describe_instances", "Reservations", {})
        for item in group["Instances"] if item["State"]["Name"] not in GONE
    }  # fmt: skip
    found["clusters"] = {
        item["clusterArn"]
        for item in client("ecs").describe_clusters(
            clusters=pages(client("ecs"), "list_clusters", "clusterArns", {})
        )["clusters"] if item["status"] not in GONE
    }  # fmt: skip
    found["endpoints"] = {
        item["VpcEndpointId"]
        for item in pages(client("ec2"), "describe_vpc_endpoints", "VpcEndpoints", {})
        if item["State"].lower() not in GONE
    }  # fmt: skip
    return found


def left(client: Client, before: dict[str, set[str]]) -> dict[str, list[str]]:
    """Return what lives now and did not before, by kind; empty when nothing is left."""
    now = everything(client)
    new = {kind: sorted(now[kind] - before[kind]) for kind in now}
    return {kind: names for kind, names in new.items() if names}


def _names(client: Client, kind: str) -> set[str]:
    service, call, key, field = LISTS[kind]
    items = pages(client(service), call, key, OPTIONS.get(kind, {}))
    return {item[field] if field else item for item in items}


def pages(service: Any, call: str, key: str, options: dict[str, str]) -> list[Any]:
    """Return all items of a listing, over all its pages."""
    ask: Callable[..., Any] = getattr(service, call)
    if not service.can_paginate(call):
        return list(ask(**options)[key])
    found = service.get_paginator(call).paginate(**options)
    return [item for page in found for item in page.get(key, [])]
