"""The fact ``pipelines``: which run of which forge each pipeline's role is for, and an attempt to take it.

What is right follows from the answers alone: repository, forge and environment, never from the policies.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from redoubt.infra.policies import estate, trust
from redoubt.infra.policies.request import Principal
from redoubt.infra.reading import Plan
from redoubt.infra.separation import account, given
from redoubt.proof import fact

AUDIENCE = "sts.amazonaws.com"
ISSUERS = {"github": "token.actions.githubusercontent.com", "gitlab": "gitlab.com"}
SUBJECTS = {"github": "repo:{}:environment:{}", "gitlab": "project_path:{}:ref_type:branch:ref:{}"}
# What a forge says of other runs of the same repository.
OTHERS = {
    "github": ("repo:{}:ref:refs/heads/main", "repo:{}:ref:refs/tags/v1", "repo:{}:pull_request"),
    "gitlab": ("project_path:{}:ref_type:branch:ref:main", "project_path:{}:ref_type:tag:ref:v1"),
}


class Pipelines:
    """``places``: in which environment of the forge the run is that may take a role."""

    places: ClassVar = {"ci": "production-build", "deployer": "production"}
    audience = AUDIENCE

    def __init__(self, plan: Plan, policies: dict[str, Any]) -> None:
        self.forge, self.repository = given(plan, "forge"), given(plan, "repository")
        self.issuer = given(plan, "forge_issuer") or ISSUERS[self.forge]
        self.provider = f"arn:aws:iam::{account(plan)}:oidc-provider/{self.issuer}"
        self._found = estate.read(policies)

    def subject(self, role: str, repository: str = "", place: str = "") -> str:
        """Return the subject of the run that may take a role, or of another repository or place."""
        return SUBJECTS[self.forge].format(
            repository or self.repository, place or self.places[role]
        )

    def strangers(self, role: str) -> Iterator[str]:
        """Yield subjects that are not the role's: repository, fork, environment, branch, near misses, none."""
        owner, _, name = self.repository.partition("/")
        for other in f"{owner}/other", f"stranger/{name}", owner, f"{self.repository}-fork":
            yield self.subject(role, other)
        places = {"development", "validation", *self.places.values(), "*"} - {self.places[role]}
        for place in sorted(places):
            yield self.subject(role, place=place)
        for text in OTHERS[self.forge]:
            yield text.format(self.repository)
        right = self.subject(role)
        yield from (f"{right}x", f"x{right}", right.upper(), right[:-1], "*", "")

    def take(
        self, role: str, sub: str | None = None, aud: str = AUDIENCE, provider: str = ""
    ) -> str:
        """Return the answer to a token; an empty claim is missing, what is left out is right."""
        claims = {f"{self.issuer}:aud": aud, f"{self.issuer}:sub": self.subject(role) if sub is None else sub}  # fmt: skip
        who = Principal("Federated", provider or self.provider)
        return trust.take(self._found, role, "AssumeRoleWithWebIdentity", who, claims)


@fact(reads=["platform/src/redoubt/infra/**"])
def pipelines(planned: Plan, policies: dict[str, Any]) -> Pipelines:
    return Pipelines(planned, policies)
