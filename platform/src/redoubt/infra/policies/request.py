"""A request: who asks for which action on what, and the context that AWS would hand to conditions.

Keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Context = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Principal:
    """A role (AWS and its ARN), a service (Service and its name) or an identity provider (Federated)."""

    kind: str
    name: str

    @property
    def account(self) -> str:
        """Return the account of an ARN, "" for a service."""
        return self.name.split(":")[4] if self.name.startswith("arn:") else ""


@dataclass(frozen=True)
class Request:
    """Context keys are lower case; one that is not there is missing in the request."""

    principal: Principal
    action: str
    resource: str
    context: Context = field(default_factory=dict)


def role(account: str, name: str) -> Principal:
    """Return a role of an account."""
    return Principal("AWS", f"arn:aws:iam::{account}:role/{name}")


def ask(
    who: Principal, action: str, resource: str, organisation: str, region: str, **more: str
) -> Request:
    """Return a request with what AWS fills in for every call over TLS of a principal of an organisation.

    ``more`` adds to the context or overwrites it, with __ for a colon and _ for a hyphen:
    ``kms__ViaService="s3.eu-central-1.amazonaws.com"``. An empty text takes a key away.
    """
    context = {
        "aws:SecureTransport": "true", "s3:TlsVersion": "1.3", "aws:RequestedRegion": region,
        "aws:PrincipalIsAWSService": "true" if who.kind == "Service" else "false",
        "aws:ResourceOrgID": organisation,
    }  # fmt: skip
    if who.kind == "AWS":
        context |= {"aws:PrincipalArn": who.name, "aws:PrincipalAccount": who.account,
                    "aws:PrincipalOrgID": organisation}  # fmt: skip
    context |= {key.replace("__", ":").replace("_", "-"): value for key, value in more.items()}
    return Request(who, action, resource, context_of(context))


def context_of(values: Mapping[str, str | tuple[str, ...]]) -> Context:
    """Return a context with lower-case keys, empty values left out."""
    return {
        key.lower(): (value,) if isinstance(value, str) else value
        for key, value in values.items() if value
    }  # fmt: skip
