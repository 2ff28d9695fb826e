"""Before an applied environment can be destroyed: its protections are lifted by hand, as people would.

The composition protects what holds data, and no switch of it turns that off. Terraform's destroy would
be refused; that is right in a real account, and here it is undone with boto3, on the emulator only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from redoubt.infra import drift
from redoubt.infra.emulator.account import Account
from redoubt.infra.emulator.clients import Client
from redoubt.infra.emulator.gaps import Gap
from redoubt.infra.emulator.listing import pages

# How one of each type in adopted.NAMELESS is removed.
REMOVALS: dict[str, Callable[[Client, str], Any]] = {
    "aws_api_gateway_rest_api": lambda to, name: to("apigateway").delete_rest_api(restApiId=name),
    "aws_ebs_volume": lambda to, name: to("ec2").delete_volume(VolumeId=name),
    "aws_ecs_task_definition": lambda to, name: to("ecs").deregister_task_definition(taskDefinition=name),
    "aws_flow_log": lambda to, name: to("ec2").delete_flow_logs(FlowLogIds=[name]),
    "aws_kms_key": lambda to, name: to("kms").schedule_key_deletion(KeyId=name, PendingWindowInDays=7),
    "aws_network_interface": lambda to, name: to("ec2").delete_network_interface(NetworkInterfaceId=name),
    "aws_vpc_endpoint": lambda to, name: to("ec2").delete_vpc_endpoints(VpcEndpointIds=[name]),
}  # fmt: skip


def unlock(client: Client) -> dict[str, int]:
    """Lift every protection against deletion and empty the bucket of access logs; return the counts."""
    return {
        "databases": _databases(client("rds")),
        "balancers": _balancers(client("elbv2")),
        "instances": _instances(client("ec2")),
        "objects": _access_logs(client("s3")),
    }


def remove(client: Client, strays: Mapping[str, list[str]]) -> None:
    """Remove what a killed apply left without a state: nobody else can tell whose it is."""
    for kind, names in strays.items():
        for name in names:
            REMOVALS[kind](client, name)


def release(at: Account, resisting: Iterable[Gap]) -> list[str]:
    """Let the state forget what does not go, and remove the interfaces; return the addresses."""
    places = {gap.resource for gap in resisting}
    gone = {
        address: name for address, name in at.known().items()
        if ".".join(drift.INDEX.sub("", address).split(".")[-2:]) in places
    }  # fmt: skip
    for address, name in gone.items():
        if ".aws_network_interface." in address:
            at.client("ec2").delete_network_interface(NetworkInterfaceId=name)
    if gone:
        at.tool.run("state", "rm", *gone)
    return sorted(gone)


def lost(errors: str) -> tuple[set[str], str]:
    """Return the security group rules of which the emulator says that they are gone, and the other errors.

    It loses one now and then when others are deleted beside it.
    """
    blocks = re.split(r"(?=Error: )", errors)
    gone = [block for block in blocks if "InvalidPermission.NotFound" in block]
    names = {match[1] for block in gone if (match := re.search(r"\((sgr-\w+)\)", block))}
    return names, "".join(block for block in blocks if block not in gone)


def forget(at: Account, names: set[str]) -> None:
    """Let the state forget what has these ids."""
    if gone := [address for address, name in at.known().items() if name in names]:
        at.tool.run("state", "rm", *gone)


def _databases(rds: Any) -> int:
    found = [d for d in rds.describe_db_instances()["DBInstances"] if d["DeletionProtection"]]
    for item in found:
        rds.modify_db_instance(
            DBInstanceIdentifier=item["DBInstanceIdentifier"], DeletionProtection=False,
            ApplyImmediately=True,
        )  # fmt: skip
    return len(found)


def _balancers(elbv2: Any) -> int:
    found = elbv2.describe_load_balancers()["LoadBalancers"]
    for item in found:
        elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=item["LoadBalancerArn"],
            Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}],
        )
    return len(found)


def _instances(ec2: Any) -> int:
    groups = pages(ec2, "describe_instances", "Reservations", {})
    found = [item["InstanceId"] for group in groups for item in group["Instances"]]
    for name in found:
        ec2.modify_instance_attribute(InstanceId=name, DisableApiTermination={"Value": False})
    return len(found)


def _access_logs(s3: Any) -> int:
    """Empty the bucket to which the emulator really delivers; its policy would deny that."""
    count = 0
    for bucket in [b["Name"] for b in s3.list_buckets()["Buckets"] if "-access-logs-" in b["Name"]]:
        # Whoever logs into it would fill it again.
        for source in s3.list_buckets()["Buckets"]:
            s3.put_bucket_logging(Bucket=source["Name"], BucketLoggingStatus={})
        s3.delete_bucket_policy(Bucket=bucket)
        for item in pages(s3, "list_object_versions", "Versions", {"Bucket": bucket}):
            s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
            count += 1
    return count
