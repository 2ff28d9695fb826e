"""Whether somebody both rules and uses a key, alters the audit trail, or comes from another environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redoubt.infra.policies import estate
from redoubt.infra.policies.decide import ALLOW, DENY, Guard, Policies, decide
from redoubt.infra.policies.document import Statement
from redoubt.infra.policies.estate import Estate, Role
from redoubt.infra.policies.findings import Finding
from redoubt.infra.policies.perimeter import ENCRYPTION, GRANT, KEY
from redoubt.infra.policies.request import Principal, ask

Plan = Mapping[str, Any]
# What uses a key on data, and what rules the key; kms:DescribeKey is neither.
USE = (
    "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:CreateGrant",
)  # fmt: skip
RULE = (
    "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:RevokeGrant",
    "kms:DisableKeyRotation", "kms:DeleteAlias",
)  # fmt: skip
PULL = {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
# What would take away from the audit trail or shorten it: action and resource.
ALTER = (
    ("s3:DeleteObject", "{bucket}/some"), ("s3:DeleteObjectVersion", "{bucket}/some"),
    ("s3:PutObject", "{bucket}/some"), ("s3:PutObjectRetention", "{bucket}/some"),
    ("s3:BypassGovernanceRetention", "{bucket}/some"), ("s3:DeleteBucket", "{bucket}"),
    ("s3:DeleteBucketPolicy", "{bucket}"), ("s3:PutBucketPolicy", "{bucket}"),
    ("s3:PutBucketObjectLockConfiguration", "{bucket}"), ("s3:PutLifecycleConfiguration", "{bucket}"),
    ("cloudtrail:DeleteTrail", "*"), ("cloudtrail:PutEventSelectors", "*"),
    ("cloudtrail:StopLogging", "*"), ("cloudtrail:UpdateTrail", "*"),
    ("config:DeleteConfigurationRecorder", "*"), ("config:StopConfigurationRecorder", "*"),
    ("ec2:DeleteFlowLogs", "*"), ("guardduty:DeleteDetector", "*"), ("guardduty:UpdateDetector", "*"),
    ("logs:DeleteLogGroup", "{logs}"), ("logs:DeleteLogStream", "{logs}"),
    ("logs:PutRetentionPolicy", "{logs}"),
)  # fmt: skip


def keys(plan: Plan) -> list[Finding]:
    """Return each principal that can rule and use one key, and each key that IAM alone could open."""
    found = estate.read(plan)
    return [one for purpose, guard in found.keys.items() for one in _key(found, purpose, guard)]


def _key(found: Estate, purpose: str, guard: Guard) -> Iterator[Finding]:
    """Yield what is wrong with one key."""
    roles = {role.arn: role for role in found.roles.values()}
    rulers = set()
    for name in sorted(roles.keys() | _named(guard)):
        role = roles.get(name)
        own = Policies(role.identity, role.boundary, guard) if role else Policies(guard=guard)
        use, rule = (_may(found, purpose, own, name, actions) for actions in (USE, RULE))
        rulers |= {name} if "kms:ScheduleKeyDeletion" in rule else set()
        if use and rule:
            yield Finding("SEC-05", guard.policy.name, f"{name} may {use[0]} and {rule[0]}")
    if not rulers:
        yield Finding("SEC-05", guard.policy.name, "nobody may schedule its deletion")
    stranger = f"arn:aws:iam::{found.account}:role/stranger"
    opened = _may(found, purpose, Policies((GRANT,), None, guard), stranger, USE)
    if opened:
        yield Finding("SEC-05", guard.policy.name, f"an IAM policy is enough for {opened[0]}")


def _named(guard: Guard) -> set[str]:
    """Return the roles that a key's policy names."""
    return {name for one in guard.policy.statements for _, name in one.principals or ()
            if ":role/" in name}  # fmt: skip


def _may(
    found: Estate, purpose: str, own: Policies, name: str, actions: tuple[str, ...]
) -> list[str]:
    """Return the actions that are not denied to a principal, directly or through any service named."""
    vias = {"", *(value for policy in own.all() for one in policy.statements for line in one.conditions
                  if line.key == "kms:ViaService" for value in line.values)}  # fmt: skip
    requests = {
        action: [ask(Principal("AWS", name), action, found.key_arns[purpose], found.organisation,
                     found.region, kms__GrantIsForAWSResource="true", kms__ViaService=via)
                 for via in sorted(vias)] for action in actions
    }  # fmt: skip
    return [action for action, many in requests.items()
            if any(decide(one, own).answer != DENY for one in many)]  # fmt: skip


def audit(plan: Plan) -> list[Finding]:
    """Return each way in which a project's role, whatever is granted to it, could alter the audit trail.

    The twin: under the same grant the role may read the trail, so the denial is not for everything.
    """
    found = estate.read(plan)
    return [one for name, role in found.roles.items() for one in _alters(found, name, role)]


def _alters(found: Estate, name: str, role: Role) -> Iterator[Finding]:
    """Yield what one role could do to the trail if somebody granted it everything."""
    bucket = f"{found.prefix}-audit-{found.account}"
    logs = f"arn:aws:logs:{found.region}:{found.account}:log-group:/redoubt/{found.prefix}/serving"
    places = {"bucket": f"arn:aws:s3:::{bucket}", "logs": logs}
    cases = [(action, where.format(**places), DENY) for action, where in ALTER]
    for action, where, wanted in [*cases, ("s3:GetObject", f"arn:aws:s3:::{bucket}/some", ALLOW)]:
        guard = found.guards[bucket] if where.startswith("arn:aws:s3") else None
        # An upload that names its key, so that it is the right to write that is judged.
        more = {ENCRYPTION: "aws:kms", KEY: found.bucket_keys[bucket]}
        request = ask(
            Principal("AWS", role.arn), action, where, found.organisation, found.region, **more
        )
        answer = decide(request, Policies((GRANT, *role.identity), role.boundary, guard)).answer
        if answer != wanted:
            yield Finding("MON-02", name, f"{action} on {where} is {answer}, not {wanted}")


def environments(plan: Plan) -> list[Finding]:
    """Return each statement that lets in another environment beyond the copy upwards of images."""
    found = estate.read(plan)
    others = {account for name, account in found.accounts.items() if name != found.environment}
    policies = [*(guard.policy for guard in (*found.guards.values(), *found.keys.values())),
                *(role.trust for role in found.roles.values() if role.trust)]  # fmt: skip
    return [
        Finding("NET-06", policy.name, f"{one.sid} lets in {name}")
        for policy in policies for one in policy.statements if one.allows
        for kind, name in one.principals or ()
        if any(f":{account}:" in f":{name}:" for account in others) and not _copies_up(found, one, name)
    ]  # fmt: skip


def _copies_up(found: Estate, statement: Statement, name: str) -> bool:
    """Return whether a statement only lets the deployer of the environment above pull images."""
    place = estate.ORDER.index(found.environment) + 1
    above = found.accounts[estate.ORDER[place]] if place < len(estate.ORDER) else "nobody"
    only_pulls = set(statement.actions or ("?",)) <= PULL
    return only_pulls and f"::{above}:role/" in name and name.endswith("-deployer")
