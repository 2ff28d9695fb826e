"""What nobody adds beside the platform's modules: checkov loads these because `.checkov.yaml` says so.

Written in Python, because YAML cannot ban a type, nor see which file a resource stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_network
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

OWN = [ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]
# The public addresses of S3, which network ACLs have to name: the widest that AWS lists.
WIDEST = 12
BUCKET_MODULE = re.compile(r"/?(?:infra/)?modules/bucket/[\w-]+\.tf")


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, however deep it lies."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def ranges(value: Any) -> Iterator[Any]:
    """Yield every address range in a value."""
    for text in texts(value):
        # What is no range is not Terraform's either: a check that raised would be passed over.
        with suppress(ValueError):
            if "/" in text:
                yield ip_network(text, strict=False)


def inside(found: Any) -> bool:
    """Say whether a range is private."""
    return any(found.version == own.version and found.subnet_of(own) for own in OWN)


class Policy(BaseResourceCheck):
    """A check over some types of resource, which fails where ``breaks`` is true."""

    number = ""
    title = ""
    types: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__(
            name=self.title, id=self.number, categories=[CheckCategories.NETWORKING],
            supported_resources=self.types,
        )  # fmt: skip

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        """Return checkov's verdict on one resource."""
        return CheckResult.FAILED if self.breaks(conf) else CheckResult.PASSED

    def breaks(self, conf: dict[str, Any]) -> bool:
        """Say whether the resource breaks the policy; every attribute is a list, as checkov reads it."""
        raise NotImplementedError

    @property
    def file(self) -> str:
        """Return the file that the resource stands in; of a plan it is the plan's own."""
        return self.entity_path.split(":")[0]


class NoWayOut(Policy):
    """NET-01: types that exist to reach the internet, or to be reached from there."""

    number = "CKV_REDOUBT_1"
    title = "Ensure that nothing leads to the internet or answers it"
    types = (
        "aws_apigatewayv2_api", "aws_cloudfront_distribution", "aws_egress_only_internet_gateway",
        "aws_eip", "aws_eip_association", "aws_globalaccelerator_accelerator", "aws_internet_gateway",
        "aws_internet_gateway_attachment", "aws_lambda_function_url", "aws_nat_gateway",
    )  # fmt: skip

    def breaks(self, conf: dict[str, Any]) -> bool:
        """Say yes: the type itself is what is not wanted."""
        return True


class PrivateIngress(Policy):
    """NET-05: load balancers are internal and APIs private; what is not said is public in AWS."""

    number = "CKV_REDOUBT_2"
    title = "Ensure that load balancers are internal and APIs are private"
    types = ("aws_alb", "aws_api_gateway_rest_api", "aws_elb", "aws_lb")

    def breaks(self, conf: dict[str, Any]) -> bool:
        """Say whether it is not said outright to be private."""
        if self.entity_type == "aws_api_gateway_rest_api":
            return set(texts(conf.get("endpoint_configuration"))) & {"PRIVATE", "REGIONAL", "EDGE"} != {"PRIVATE"}  # fmt: skip
        return conf.get("internal") not in ([True], ["true"])


class NoOpenRange(Policy):
    """NET-03: groups and routes name no public range, ACLs none that is wide."""

    number = "CKV_REDOUBT_3"
    title = "Ensure that no rule or route names a public address range"
    types = (
        "aws_default_network_acl", "aws_default_route_table", "aws_default_security_group",
        "aws_network_acl", "aws_network_acl_rule", "aws_route", "aws_route_table",
        "aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    )  # fmt: skip

    def breaks(self, conf: dict[str, Any]) -> bool:
        """Say whether a range is not private, or in an ACL wider than AWS's own of S3."""
        acl = "network_acl" in self.entity_type
        return any(
            not inside(one) and not (acl and one.prefixlen >= WIDEST) for one in ranges(conf)
        )


class BucketsOfTheModule(Policy):
    """SEC-04: only the bucket module makes buckets, because it alone has locks, keys and denials."""

    number = "CKV_REDOUBT_4"
    title = "Ensure that buckets come from modules/bucket"
    types = ("aws_s3_bucket", "aws_s3_directory_bucket", "aws_s3_bucket_policy")

    def breaks(self, conf: dict[str, Any]) -> bool:
        """Say whether it stands elsewhere; a plan only knows whether it stands in some module."""
        if self.file.endswith(".tf"):
            return not BUCKET_MODULE.fullmatch(self.file)
        return not next(texts(conf.get("__address__")), "").startswith("module.")


class RolesWithinTheBoundary(Policy):
    """IAM-01: a role without the boundary could be given every right."""

    number = "CKV_REDOUBT_5"
    title = "Ensure that every role has the permissions boundary"
    types = ("aws_iam_role",)

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        """Judge files only: in a plan a boundary that is yet to be made has no name."""
        if not self.file.endswith(".tf"):
            return CheckResult.UNKNOWN
        return super().scan_resource_conf(conf)

    def breaks(self, conf: dict[str, Any]) -> bool:
        """Say whether there is none."""
        return not any(texts(conf.get("permissions_boundary")))


NoWayOut(), PrivateIngress(), NoOpenRange(), BucketsOfTheModule(), RolesWithinTheBoundary()
