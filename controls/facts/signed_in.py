"""The fact ``signed_in``: how people of the bank sign in, by the answers, and an attempt to take a role."""

from typing import Any

from redoubt.infra.policies import estate, trust
from redoubt.infra.policies.request import Principal
from redoubt.infra.reading import Plan
from redoubt.infra.separation import account, given
from redoubt.proof import fact

AUDIENCE = "https://signin.aws.amazon.com/saml"


class SignedIn:
    """``people``: the roles of people; ``provider``: ARN of the bank's identity provider in this account."""

    def __init__(self, plan: Plan, policies: dict[str, Any], table: dict[str, Any]) -> None:
        self.people = sorted(role for role, one in table["roles"].items() if one["is"] == "person")
        federation = given(plan, "federation")
        self.account = account(plan)
        self.provider = f"arn:aws:iam::{self.account}:saml-provider/{federation['provider']}"
        self.estate = estate.read(policies)
        self._claim, (self._mfa, *_) = federation["mfa_claim"], federation["mfa_values"]

    def take(self, role: str, aud: str = AUDIENCE, mfa: str | None = None, **by: str) -> str:
        """Return the answer to somebody with these claims; an empty one is missing, others are right.

        ``by`` may hold another ``kind`` and ``name`` of principal, and another ``how`` to take a role.
        """
        claims = {"saml:aud": aud, self._claim: self._mfa if mfa is None else mfa}
        who = Principal(by.get("kind", "Federated"), by.get("name", self.provider))
        return trust.take(self.estate, role, by.get("how", "AssumeRoleWithSAML"), who, claims)


@fact(reads=["platform/src/redoubt/infra/**"])
def signed_in(planned: Plan, policies: dict[str, Any], access: dict[str, Any]) -> SignedIn:
    return SignedIn(planned, policies, access)
