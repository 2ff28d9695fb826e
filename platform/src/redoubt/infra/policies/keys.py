"""Condition keys that are understood, and whether a request holds one value of them or several.

Sources: the global condition context keys and the IAM and STS keys of the IAM User Guide, and the
condition keys of Amazon S3, AWS KMS and Amazon ECS in the Service Authorization Reference.
"""

from __future__ import annotations

import re

SINGLE = {
    "aws:multifactorauthpresent", "aws:principalaccount", "aws:principalarn", "aws:principalisawsservice",
    "aws:principalorgid", "aws:requestedregion", "aws:resourceaccount", "aws:resourceorgid",
    "aws:securetransport", "aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceorgid",
    "aws:sourcevpc", "aws:sourcevpce", "ecs:cluster", "iam:awsservicename", "iam:passedtoservice",
    "kms:bypasspolicylockoutsafetycheck", "kms:grantisforawsresource", "kms:viaservice",
    "s3:prefix", "s3:tlsversion", "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id", "saml:aud", "sts:rolesessionname",
}  # fmt: skip
# A set operator belongs to these: ForAllValues or ForAnyValue.
SEVERAL = {
    "aws:tagkeys", "kms:grantoperations",
    "saml:edupersonassurance", "saml:edupersonentitlement", "saml:organizationstatus",
}  # fmt: skip
# Tags, what a forge's token says, and what a service binds a key to.
PATTERNS = (
    re.compile(r"aws:(principal|request|resource)tag/[a-z0-9_.:/=+@-]+"),
    re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(/[a-z0-9._/-]+)?:(aud|sub)"),
    re.compile(r"kms:encryptioncontext:[a-z0-9:_-]+"),
)


def known(key: str) -> bool:
    """Return whether a key is understood; case does not count."""
    low = key.lower()
    return low in SINGLE or low in SEVERAL or any(one.fullmatch(low) for one in PATTERNS)


def several(key: str) -> bool:
    """Return whether a request may hold several values of a key."""
    return key.lower() in SEVERAL
