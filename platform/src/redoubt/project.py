"""The project's facts: ``project.yml`` parsed, with everything derived computed again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from redoubt import plain_yaml
from redoubt.errors import BadInput, yaml_fault
from redoubt.governance import tiering
from redoubt.records import Tier

Jurisdiction = Literal["eu", "uk", "us-federal", "us-state", "canada"]
PROFILES = {"credit_default": "pd"}


class Override(BaseModel):
    """A tier raised by hand, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tier: Tier
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)]


class Teams(BaseModel):
    """The forge's team names; validators and approvers are not the model team."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    platform: str
    security: str
    validators: str
    approvers: str

    @field_validator("validators", "approvers")
    @classmethod
    def _independent(cls, value: str, info: ValidationInfo) -> str:
        if value.lower() == str(info.data.get("model", "")).lower():
            raise ValueError("the model team cannot check its own model; name another team")
        return value


class Project(BaseModel):
    """What ``project.yml`` says.

    ``rendered_tier`` is what the template wrote: never used, only compared with ``tier``, so it may
    be any number that somebody put there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    package: str
    description: str
    repository: str
    use_case: Literal["credit_default"]
    facts: tiering.RiskFacts
    override: Override | None
    rendered_tier: int
    jurisdictions: tuple[Jurisdiction, ...]
    teams: Teams
    python: Literal["3.11", "3.12", "3.13"]

    # control: GOV-01
    @field_validator("override")
    @classmethod
    def _raises(cls, value: Override | None, info: ValidationInfo) -> Override | None:
        facts = info.data.get("facts")
        if value and facts and value.tier > tiering.tier(facts):
            raise ValueError(
                f"the facts give tier {tiering.tier(facts)}; an override only raises it"
            )
        return value

    @property
    def profile(self) -> str:
        """Return the name of the platform profile that serves this use case."""
        return PROFILES[self.use_case]

    @property
    def ai_act_class(self) -> str:
        """Return the EU AI Act class: from the facts and the places, never from the tier."""
        return tiering.ai_act_class(self.use_case, self.facts, self.jurisdictions)

    # control: GOV-01
    @property
    def tier(self) -> Tier:
        """Return the tier: computed from the facts, raised by the override, never lowered."""
        computed = tiering.tier(self.facts)
        return min(computed, self.override.tier) if self.override else computed


def load(root: Path) -> Project:
    """Read ``project.yml``. Raises BadInput naming the field and the bad value."""
    path = root / "project.yml"
    try:
        return Project.model_validate(plain_yaml.load(path.read_text()))
    except OSError as error:
        raise BadInput(
            f"{root} is not a Redoubt project: it has no project.yml.",
            remedy="run the command in the project's own folder; in a clone of the template, "
            "render one first: `copier copy --defaults --vcs-ref HEAD . FOLDER`",
        ) from error
    except (ValidationError, yaml.YAMLError) as error:
        raise BadInput(
            f"project.yml is not valid: {_first(error)}.",
            remedy="restore it with `git checkout project.yml`; answers change by `copier update`",
        ) from error


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        item = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, item['loc']))}={item.get('input')!r}: {item['msg']}"
    return yaml_fault(error)
