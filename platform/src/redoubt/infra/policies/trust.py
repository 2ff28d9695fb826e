"""Who may take a role: people with MFA, pipelines of one exact subject, services of this account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redoubt.infra.policies import estate
from redoubt.infra.policies.decide import ALLOW, DENY, Guard, Policies, decide
from redoubt.infra.policies.document import Condition, Statement
from redoubt.infra.policies.estate import Estate, Role
from redoubt.infra.policies.findings import Finding
from redoubt.infra.policies.keys import SEVERAL
from redoubt.infra.policies.perimeter import GRANT
from redoubt.infra.policies.request import Principal, Request, context_of
from redoubt.infra.policies.request import role as other_role

Plan = Mapping[str, Any]
EXACT = {"StringEquals", "ForAnyValue:StringEquals"}
OTHER_ACCOUNT = "000000000000"
UNSOURCED = {"ec2.amazonaws.com"}
CONTROLS = {"sts:AssumeRoleWithSAML": "IAM-04", "sts:AssumeRoleWithWebIdentity": "IAM-03",
            "sts:AssumeRole": "IAM-01"}  # fmt: skip


def trusts(plan: Plan) -> list[Finding]:
    """Return each role that can be taken otherwise than its own conditions say.

    For each statement of trust one request fulfils all conditions and must be allowed; then each key
    in turn has another value, and is missing, and both must be denied.
    """
    found = estate.read(plan)
    findings = [one for name, role in found.roles.items() for one in _role(found, name, role)]
    return findings + list(_abroad(found))


def confused(plan: Plan) -> list[Finding]:
    """Return each role that a service of AWS would take for somebody else's account.

    EC2 says no account when it takes the role of an instance, and takes none of another account's.
    """
    found = estate.read(plan)
    return [
        Finding("IAM-01", name, f"{service} takes it for account {account or 'unknown'}: {answer}")
        for name, role in found.roles.items() if role.trust for one in role.trust.statements
        for kind, service in one.principals or () if kind == "Service" and service not in UNSOURCED
        for account in (OTHER_ACCOUNT, "")
        if (answer := decide(
            Request(Principal(kind, service), "sts:AssumeRole", role.arn, context_of(
                {line.key: _fitting(line) for line in one.conditions} | {"aws:SourceAccount": account})),
            Policies(guard=Guard(role.trust, found.account, must_allow=True)),
        ).answer) != DENY
    ]  # fmt: skip


def takers(role: Role) -> set[tuple[str, str, str]]:
    """Return (action, kind, principal) of everybody whom a role's trust names."""
    return {(action, kind, name) for one in (role.trust.statements if role.trust else ()) if one.allows
            for action in one.actions or ("*",) for kind, name in one.principals or (("AWS", "*"),)}  # fmt: skip


def take(found: Estate, function: str, how: str, who: Principal, claims: Mapping[str, str]) -> str:
    """Return whether somebody with these claims may take the role of a function; an empty one is missing.

    Whoever comes with an identity of AWS is taken to be granted everything by his own account.
    """
    role = found.roles[f"{found.prefix}-{function}"]
    if role.trust is None:
        return "not known"
    guard = Guard(role.trust, found.account, must_allow=True)
    request = Request(who, f"sts:{how}", role.arn, context_of(claims))
    return decide(request, Policies((GRANT,) if who.kind == "AWS" else (), guard=guard)).answer


def _role(found: Estate, name: str, role: Role) -> Iterator[Finding]:
    """Yield what is wrong with the trust of one role."""
    if role.trust is None:
        yield Finding("IAM-01", name, "the plan does not know who may take it")
        return
    guard = Policies(guard=Guard(role.trust, found.account, must_allow=True))
    for one in role.trust.statements:
        for kind, principal in one.principals or ():
            action = (one.actions or ("",))[0]
            control = CONTROLS.get(action, "IAM-01")
            fair = {line.key: _fitting(line) for line in one.conditions}
            for key, more in _cases(fair):
                request = Request(Principal(kind, principal), action, role.arn, context_of(more))
                answer, wanted = decide(request, guard).answer, DENY if key else ALLOW
                if answer != wanted:
                    what = f"with {more.get(key) or 'no'} {key}" if key else "as its trust says"
                    yield Finding(control, name, f"{principal} {what} is {answer}, not {wanted}")
            yield from _unbound(name, control, action, one)


def _fitting(line: Condition) -> str:
    """Return a value that fulfils a condition of a trust policy."""
    return line.values[0].replace("*", "some")


def _cases(fair: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ("", all that is asked for), then each key changed and each key missing."""
    yield "", dict(fair)
    for key in fair:
        yield key, {**fair, key: f"{fair[key]}x" if "*" in fair[key] else f"x{fair[key]}"}
        yield key, {**fair, key: ""}


def _unbound(name: str, control: str, action: str, statement: Statement) -> Iterator[Finding]:
    """Yield a finding when people are not asked for MFA, or a pipeline is not held to one exact subject."""
    exact = {
        line.key.lower() for line in statement.conditions
        if line.operator in EXACT and not any("*" in value or "?" in value for value in line.values)
    }  # fmt: skip
    if action == "sts:AssumeRoleWithSAML" and not ("saml:aud" in exact and exact & SEVERAL):
        yield Finding(control, name, f"people are held to {sorted(exact)}: no audience or no MFA")
    if action == "sts:AssumeRoleWithWebIdentity":
        missing = {"aud", "sub"} - {key.rpartition(":")[2] for key in exact}
        if missing:
            yield Finding(control, name, f"pipelines are not held to one exact {sorted(missing)}")


def _abroad(found: Estate) -> Iterator[Finding]:
    """Yield each role that any other role, here or in another environment, could take if granted everything."""
    for name, role in found.roles.items():
        if role.trust is None:
            continue
        guard = Policies((GRANT,), guard=Guard(role.trust, found.account, must_allow=True))
        for environment, account in found.accounts.items():
            who = other_role(account, f"{name}-elsewhere")
            answer = decide(Request(who, "sts:AssumeRole", role.arn), guard).answer
            if answer != DENY:
                yield Finding("NET-06", name, f"a role of {environment} may take it: {answer}")
