"""Whether buckets and endpoints let in whom they should and nobody else: pairs of requests.

Every denial has the twin that goes through, differing in one thing: the organisation, the encryption
of the wire, the key of an upload.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from redoubt.infra.policies import estate
from redoubt.infra.policies.decide import ALLOW, DENY, Guard, Policies, decide
from redoubt.infra.policies.document import Policy, Statement, parse
from redoubt.infra.policies.estate import Estate
from redoubt.infra.policies.findings import Finding
from redoubt.infra.policies.request import Principal, ask, role

Plan = Mapping[str, Any]
FOREIGN = "o-0foreign00"
OTHER_KEY = "arn:aws:kms:elsewhere:000000000000:key/other"
PUT = "s3:PutObject"
GRANT = parse({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]}, "may do everything by identity")  # fmt: skip
ENCRYPTION = "s3__x_amz_server_side_encryption"
KEY = f"{ENCRYPTION}_aws_kms_key_id"


def buckets(plan: Plan) -> list[Finding]:
    """Return each bucket that lets in plaintext, old TLS, a foreign organisation or another key."""
    found = estate.read(plan)
    return [finding for name, guard in found.guards.items() if name in found.buckets
            for finding in _bucket(found, name, guard)]  # fmt: skip


def _bucket(found: Estate, name: str, guard: Guard) -> Iterator[Finding]:
    """Yield what is wrong with one bucket."""
    bucket, own = f"arn:aws:s3:::{name}", Policies((GRANT,), None, guard)
    changes = [
        ("NET-04", "plaintext", {"aws__SecureTransport": "false"}),
        ("NET-04", "TLS 1.1", {"s3__TlsVersion": "1.1"}),
        ("NET-02", "another organisation", {"aws__PrincipalOrgID": FOREIGN}),
        ("NET-02", "no organisation", {"aws__PrincipalOrgID": ""}),
    ]
    for control, what, changed in changes:
        yield from _tried(found, guard.policy.name, own,
                          Twins(control, what, "s3:ListBucket", bucket, changed))  # fmt: skip
    key = found.bucket_keys.get(name, "")
    uploads = [
        ("an upload with another key", {KEY: OTHER_KEY}),
        ("an upload under S3's own key", {ENCRYPTION: "AES256", KEY: ""}),
        ("an upload that names no encryption", {ENCRYPTION: "", KEY: ""}),
        ("an upload under KMS that names no key", {KEY: ""}),
    ]
    for what, changed in uploads if key else []:
        fair = {ENCRYPTION: "aws:kms", KEY: key}
        yield from _tried(found, guard.policy.name, own,
                          Twins("SEC-04", what, "s3:PutObject", f"{bucket}/some", changed, fair))  # fmt: skip


def services(plan: Plan) -> list[Finding]:
    """Return each AWS service that cannot write where a bucket lets it, or may under another key.

    A service says no encryption, and the bucket's own is taken; or it says the bucket's key. Another
    key, KMS without a key, and S3's own encryption are refused to a service as to anybody.
    """
    found = estate.read(plan)
    return [finding for name, guard in found.guards.items() if name in found.buckets
            for one in guard.policy.statements if one.allows and one.actions == (PUT,)
            for finding in _service(found, name, guard, one)]  # fmt: skip


def _service(found: Estate, name: str, guard: Guard, one: Statement) -> Iterator[Finding]:
    """Yield what is wrong with one statement that lets a service write."""
    where = (one.resources or ("",))[0].replace("*", "some")
    fair = {
        line.key.replace(":", "__"): line.values[0].replace("*", "some") for line in one.conditions
    }
    key = found.bucket_keys.get(name, "")
    cases = [("saying no encryption", {}, ALLOW), ("for another account", {"aws__SourceAccount": "0" * 12}, DENY)]  # fmt: skip
    cases += [
        ("saying the bucket's key", {ENCRYPTION: "aws:kms", KEY: key}, ALLOW),
        ("saying another key", {ENCRYPTION: "aws:kms", KEY: OTHER_KEY}, DENY),
        ("saying KMS and no key", {ENCRYPTION: "aws:kms"}, DENY),
        ("saying S3's own encryption", {ENCRYPTION: "AES256"}, DENY),
    ] if key else []  # fmt: skip
    for _, service in one.principals or ():
        for what, more, wanted in cases:
            request = ask(Principal("Service", service), PUT, where, found.organisation, found.region,
                          **{**fair, **more})  # fmt: skip
            answer = decide(request, Policies(guard=guard)).answer
            if answer != wanted:
                yield Finding("SEC-04", guard.policy.name, f"{service} {what} is {answer}, not {wanted}")  # fmt: skip


@dataclass(frozen=True)
class Twins:
    """Two requests: one with a fair context, which must pass, and one with a single change, which must not."""

    control: str
    what: str
    action: str
    resource: str
    changed: Mapping[str, str]
    fair: Mapping[str, str] = field(default_factory=dict)


def _tried(found: Estate, where: str, own: Policies, twins: Twins) -> Iterator[Finding]:
    """Yield a finding when the fair request is not allowed, or the changed one is not denied."""
    who = role(found.account, "somebody")
    for wanted, more in ((ALLOW, {**twins.fair}), (DENY, {**twins.fair, **twins.changed})):
        request = ask(who, twins.action, twins.resource, found.organisation, found.region, **more)
        answer = decide(request, own).answer
        if answer != wanted:
            case = "the fair request beside " if wanted == ALLOW else ""
            what = f"{case}{twins.what} ({twins.action}) is {answer}, not {wanted}"
            yield Finding(twins.control, where, what)


def endpoints(plan: Plan) -> list[Finding]:
    """Return each endpoint that lets out what is not the bank's own, or is AWS's default policy."""
    found = estate.read(plan)
    return [finding for name, policy in found.endpoints.items()
            for finding in _endpoint(found, name, policy)]  # fmt: skip


def _endpoint(found: Estate, name: str, policy: Policy) -> Iterator[Finding]:
    """Yield what is wrong with one endpoint's policy: each action is tried with its own resource."""
    through = Policies((GRANT,), None, None, policy)
    for one in policy.statements:
        if one.allows and (one.actions is None or one.resources is None):
            yield Finding("NET-02", policy.name, f"{one.sid} lets pass whatever it does not name")
        for action in one.actions or ():
            if one.sid == "ImageLayers":
                # AWS's own bucket of image layers: read only, and no organisation to ask for.
                yield from _only_reads(policy, action)
                continue
            first = (one.resources or ("*",))[0]
            resource = first if first == "*" else first.replace("*", "some")
            changes = [("another organisation", {"aws__PrincipalOrgID": FOREIGN}),
                       ("no organisation", {"aws__PrincipalOrgID": ""})]  # fmt: skip
            if resource == "*":
                changes += [("another's resource", {"aws__ResourceOrgID": FOREIGN}),
                            ("nobody's resource", {"aws__ResourceOrgID": ""})]  # fmt: skip
            for what, changed in changes:
                yield from _tried(found, policy.name, through, Twins(
                    "NET-02", f"{what} through {name}", action, resource, changed))  # fmt: skip
    foreign = ask(role(found.account, "somebody"), "s3:PutObject", "arn:aws:s3:::somebody-elses/object",
                  found.organisation, found.region, aws__ResourceOrgID=FOREIGN)  # fmt: skip
    answer = decide(foreign, through).answer
    if answer != DENY:
        yield Finding("NET-02", policy.name, f"an upload into somebody else's bucket is {answer}")


def _only_reads(policy: Policy, action: str) -> Iterator[Finding]:
    """Yield a finding when the bucket of image layers may be more than read."""
    if action != "s3:GetObject":
        yield Finding("NET-02", policy.name, f"AWS's bucket of image layers lets {action} pass")
