"""The applied environment read back with boto3, as one JSON document: what rooms ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redoubt.infra.emulator.clients import Client
from redoubt.infra.emulator.listing import pages


def read(client: Client) -> dict[str, Any]:
    """Return what stands in the account, by concern. Raises botocore's error when a call is refused."""
    return {
        "network": network(client("ec2")),
        "keys": keys(client("kms")),
        "buckets": buckets(client("s3")),
        "audit": audit(client),
        "tasks": tasks(client("ecs")),
        "databases": databases(client("rds")),
        "backups": backups(client("backup")),
        "roles": roles(client("iam")),
    }


def network(ec2: Any) -> dict[str, Any]:
    """Return the VPC of the project with all that could lead out of it; the default VPC is not ours."""
    ours = [v for v in pages(ec2, "describe_vpcs", "Vpcs", {}) if not v["IsDefault"]]
    ids = {vpc["VpcId"] for vpc in ours}

    def inside(call: str, key: str) -> list[Any]:
        return [item for item in pages(ec2, call, key, {}) if item.get("VpcId") in ids]

    return {
        "vpcs": [{"id": v["VpcId"], "cidr": v["CidrBlock"]} for v in ours],
        "internet_gateways": [
            g["InternetGatewayId"] for g in pages(ec2, "describe_internet_gateways", "InternetGateways", {})
            if ids & {a["VpcId"] for a in g["Attachments"]}
        ],
        "nat_gateways": [g["NatGatewayId"] for g in inside("describe_nat_gateways", "NatGateways")],
        "routes": [
            {"table": t["RouteTableId"], "to": route.get("DestinationCidrBlock") or route.get("DestinationPrefixListId"),
             "by": route.get("GatewayId") or route.get("NatGatewayId") or route.get("NetworkInterfaceId")}
            for t in inside("describe_route_tables", "RouteTables") for route in t["Routes"]
        ],
        "subnets": [
            {"id": s["SubnetId"], "cidr": s["CidrBlock"], "public_addresses": s["MapPublicIpOnLaunch"]}
            for s in inside("describe_subnets", "Subnets")
        ],
        "groups": [
            {"name": g["GroupName"], "in": [_rule(r) for r in g["IpPermissions"]],
             "out": [_rule(r) for r in g["IpPermissionsEgress"]]}
            for g in inside("describe_security_groups", "SecurityGroups")
        ],
        "endpoints": [
            {"service": e["ServiceName"], "kind": e["VpcEndpointType"], "policy": e.get("PolicyDocument", "")}
            for e in inside("describe_vpc_endpoints", "VpcEndpoints")
        ],
        "flow_logs": [
            {"of": f["ResourceId"], "traffic": f["TrafficType"], "status": f["FlowLogStatus"]}
            for f in pages(ec2, "describe_flow_logs", "FlowLogs", {}) if f["ResourceId"] in ids
        ],
    }  # fmt: skip


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule's ports and its other ends: ranges, groups and prefix lists."""
    ends = [r["CidrIp"] for r in rule["IpRanges"]] + [r["CidrIpv6"] for r in rule["Ipv6Ranges"]]
    ends += [r["GroupId"] for r in rule["UserIdGroupPairs"]]
    ends += [r["PrefixListId"] for r in rule["PrefixListIds"]]
    return {"protocol": rule["IpProtocol"], "from": rule.get("FromPort"), "to": rule.get("ToPort"),
            "ends": sorted(ends)}  # fmt: skip


def keys(kms: Any) -> dict[str, Any]:
    """Return rotation and state of each named key, by its alias; AWS's own are left out."""
    names = [a for a in pages(kms, "list_aliases", "Aliases", {}) if "/aws/" not in a["AliasName"]]
    return {
        alias["AliasName"]: {
            "rotates": kms.get_key_rotation_status(KeyId=alias["TargetKeyId"])["KeyRotationEnabled"],
            "state": kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]["KeyState"],
        }
        for alias in names if "TargetKeyId" in alias
    }  # fmt: skip


def buckets(s3: Any) -> dict[str, Any]:
    """Return what protects each bucket; None where nothing is configured."""
    return {bucket["Name"]: _bucket(s3, bucket["Name"]) for bucket in s3.list_buckets()["Buckets"]}


def _bucket(s3: Any, name: str) -> dict[str, Any]:
    def asked(call: str, key: str) -> Any:
        try:
            return getattr(s3, call)(Bucket=name).get(key)
        except s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"].endswith(
                ("NotFoundError", "NoSuchPublicAccessBlockConfiguration")
            ):
                return None
            raise

    encryption = asked("get_bucket_encryption", "ServerSideEncryptionConfiguration")
    return {
        "versioning": asked("get_bucket_versioning", "Status"),
        "lock": asked("get_object_lock_configuration", "ObjectLockConfiguration"),
        "encryption": encryption and [r["ApplyServerSideEncryptionByDefault"] for r in encryption["Rules"]],
        "public_block": asked("get_public_access_block", "PublicAccessBlockConfiguration"),
        "logging": asked("get_bucket_logging", "LoggingEnabled"),
    }  # fmt: skip


def audit(client: Client) -> dict[str, Any]:
    """Return the trails and whether they log, and the detectors."""
    trails = client("cloudtrail").describe_trails()["trailList"]
    return {
        "trails": [
            {"name": t["Name"], "regions": "all" if t["IsMultiRegionTrail"] else "one",
             "validated": t["LogFileValidationEnabled"], "key": t.get("KmsKeyId"), "bucket": t["S3BucketName"],
             "logs": client("cloudtrail").get_trail_status(Name=t["TrailARN"])["IsLogging"]}
            for t in trails
        ],
        "detectors": [
            client("guardduty").get_detector(DetectorId=i)["Status"]
            for i in client("guardduty").list_detectors()["DetectorIds"]
        ],
    }  # fmt: skip


def features(guardduty: Any) -> list[str]:
    """Return the names of the detectors' features that are on, sorted."""
    return sorted(
        str(feature["Name"]) for name in guardduty.list_detectors()["DetectorIds"]
        for feature in guardduty.get_detector(DetectorId=name).get("Features", [])
        if feature.get("Status") == "ENABLED"
    )  # fmt: skip


def tasks(ecs: Any) -> list[dict[str, Any]]:
    """Return the containers of every active task definition."""
    found = []
    for arn in pages(ecs, "list_task_definitions", "taskDefinitionArns", {}):
        task = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        found.append({
            "family": task["family"], "network": task.get("networkMode"),
            "containers": [
                {"name": c["name"], "image": c["image"], "read_only": c.get("readonlyRootFilesystem", False),
                 "privileged": c.get("privileged", False), "user": c.get("user", "")}
                for c in task["containerDefinitions"]
            ],
        })  # fmt: skip
    return found


def databases(rds: Any) -> list[dict[str, Any]]:
    """Return how each database is reached and kept."""
    return [
        {"name": d["DBInstanceIdentifier"], "public": d["PubliclyAccessible"], "encrypted": d["StorageEncrypted"],
         "backup_days": d["BackupRetentionPeriod"], "protected": d["DeletionProtection"]}
        for d in rds.describe_db_instances()["DBInstances"]
    ]  # fmt: skip


def backups(backup: Any) -> dict[str, Any]:
    """Return vaults and the rules of plans."""
    plans = [
        backup.get_backup_plan(BackupPlanId=item["BackupPlanId"])["BackupPlan"]
        for item in backup.list_backup_plans()["BackupPlansList"]
    ]
    return {
        "vaults": [
            {"name": v["BackupVaultName"], "locked": bool(v.get("Locked"))}
            for v in backup.list_backup_vaults()["BackupVaultList"]
        ],
        "rules": [{"plan": p["BackupPlanName"], "rule": r["RuleName"],
                   "copies": [c["DestinationBackupVaultArn"] for c in r.get("CopyActions", [])]}
                  for p in plans for r in p["Rules"]],
    }  # fmt: skip


def roles(iam: Any) -> dict[str, Any]:
    """Return boundary and own policies of each role of the project; AWS's own are left out."""
    return {
        role["RoleName"]: {
            "boundary": iam.get_role(RoleName=role["RoleName"])["Role"].get("PermissionsBoundary", {})
            .get("PermissionsBoundaryArn", ""),
            "policies": {
                name: iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]
                for name in pages(iam, "list_role_policies", "PolicyNames", {"RoleName": role["RoleName"]})
            },
        }
        for role in pages(iam, "list_roles", "Roles", {})
        if not role["Path"].startswith("/aws-service-role/")
    }  # fmt: skip
