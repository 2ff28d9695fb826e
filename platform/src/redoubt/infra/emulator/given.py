"""What the bank brings to its account before Terraform: made in the AWS emulator, given as variables.

Nothing here belongs to the composition, so a destroyed environment leaves it.
"""

from __future__ import annotations

from typing import Any

from redoubt.infra.emulator.clients import Client

DIGEST = "ab" * 32


def bring(client: Client) -> dict[str, Any]:
    """Make certificates, the bank's prefix list and its machine image; return the variables' values."""
    hosts = ("serving", "tracking")
    certificates = {
        host: client("acm").request_certificate(DomainName=f"{host}.bank.example")["CertificateArn"]
        for host in hosts
    }
    networks = client("ec2").create_managed_prefix_list(
        PrefixListName="bank", MaxEntries=5, AddressFamily="IPv4",
        Entries=[{"Cidr": "10.0.0.0/16", "Description": "the bank's own network"}],
    )["PrefixList"]["PrefixListId"]  # fmt: skip
    image = client("ec2").register_image(
        Name="secrets-store", Architecture="arm64", RootDeviceName="/dev/xvda",
        BlockDeviceMappings=[
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3"}}
        ],
    )["ImageId"]  # fmt: skip
    return {
        "certificates": certificates,
        "client_prefix_list_ids": [networks],
        "secrets_image": {"id": image, "seal_plugin_sha256": DIGEST},
    }
