"""The tier follows from the facts; project.yml can raise it, never lower it."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from redoubt import project
from redoubt.errors import BadInput
from redoubt.governance.tiering import (
    Autonomy,
    Complexity,
    Exposure,
    Impact,
    RiskFacts,
    ai_act_class,
    tier,
)

LEVELS = tuple(get_args(kind) for kind in (Impact, Exposure, Autonomy, Complexity))
NAMES = tuple(RiskFacts.model_fields)
ALL = tuple(itertools.product(*LEVELS))


def facts(*levels: str) -> RiskFacts:
    return RiskFacts.model_validate(dict(zip(NAMES, levels, strict=True)))


# rows: materiality 0 to 4; columns: inherent risk 0 to 4
RATING = ("33222", "33222", "22211", "11111", "11111")


@pytest.mark.parametrize("levels", ALL, ids="-".join)
def test_every_combination_has_the_tier_of_the_rating_table(levels: tuple[str, ...]) -> None:
    impact, exposure, autonomy, complexity = (
        scale.index(level) for scale, level in zip(LEVELS, levels, strict=True)
    )
    assert tier(facts(*levels)) == int(RATING[impact + exposure][autonomy + complexity])


def test_a_worse_fact_never_gives_a_milder_tier() -> None:
    for levels in ALL:
        for place, scale in enumerate(LEVELS):
            for worse in scale[scale.index(levels[place]) :]:
                changed = (*levels[:place], worse, *levels[place + 1 :])
                assert tier(facts(*changed)) <= tier(facts(*levels))


@pytest.mark.parametrize("unknown", ["", "some", "None", "HIGH"])
def test_an_unknown_level_is_refused(unknown: str) -> None:
    with pytest.raises(ValueError, match="customer_impact"):
        facts(unknown, "low", "advisory", "simple")


def test_the_eu_class_needs_a_natural_person_and_the_eu() -> None:
    for levels in ALL:
        found = ai_act_class("credit_default", facts(*levels), ("uk", "eu"))
        assert (found == "high-risk:annex-iii-5b") == (levels[0] == "individuals")
        assert ai_act_class("credit_default", facts(*levels), ("uk",)) == "not-applicable"


LOW = dict(zip(NAMES, ("none", "low", "advisory", "simple"), strict=True))
HIGH = dict(zip(NAMES, ("individuals", "high", "automatic", "complex"), strict=True))
REASON = "Model risk committee, 12 May"


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def make(**changes: Any) -> Path:
        value = {
            "name": "N", "package": "pd_model", "description": "D", "repository": "bank/pd",
            "use_case": "credit_default", "facts": LOW, "override": None, "rendered_tier": 3,
            "jurisdictions": ["eu"], "python": "3.13",
            "teams": {"model": "m", "platform": "p", "security": "s", "validators": "v",
                      "approvers": "a"},
        }  # fmt: skip
        (tmp_path / "project.yml").write_text(yaml.safe_dump(value | changes))
        return tmp_path

    return make


@pytest.mark.parametrize("raised", [1, 2, 3])
def test_an_override_raises_or_keeps_the_tier(write: Any, raised: int) -> None:
    assert project.load(write(override={"tier": raised, "reason": REASON})).tier == raised


@pytest.mark.parametrize("lower", [2, 3])
def test_an_override_that_lowers_is_refused(write: Any, lower: int) -> None:
    with pytest.raises(BadInput, match="the facts give tier 1; an override only raises it"):
        project.load(write(facts=HIGH, override={"tier": lower, "reason": REASON}))


@pytest.mark.parametrize("override", [{"tier": 1}, {"tier": 1, "reason": "because"}])
def test_an_override_without_a_reason_is_refused(write: Any, override: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"override\.reason"):
        project.load(write(override=override))


@pytest.mark.parametrize("rendered", [1, 2, 3, 4])
def test_a_rendered_tier_changes_nothing(write: Any, rendered: int) -> None:
    found = project.load(write(facts=HIGH, rendered_tier=rendered))
    assert found.tier == 1
    assert found.rendered_tier == rendered


@pytest.mark.parametrize("role", ["validators", "approvers"])
def test_the_model_team_cannot_check_itself(write: Any, role: str) -> None:
    root = write()
    value = yaml.safe_load((root / "project.yml").read_text())
    value["teams"][role] = "M"
    (root / "project.yml").write_text(yaml.safe_dump(value))
    with pytest.raises(BadInput, match=rf"teams\.{role}='M'"):
        project.load(root)


@pytest.mark.parametrize(
    ("change", "quoted"),
    [({"use_case": "fraud"}, "use_case='fraud'"), ({"python": "3.9"}, "python='3.9'"),
     ({"facts": LOW | {"autonomy": "full"}}, "facts.autonomy='full'"),
     ({"jurisdictions": ["mars"]}, "jurisdictions.0='mars'"), ({"extra": 1}, "extra=1")],
)  # fmt: skip
def test_a_bad_field_is_named_with_its_value(
    write: Any, change: dict[str, Any], quoted: str
) -> None:
    with pytest.raises(BadInput, match=quoted):
        project.load(write(**change))


def test_a_folder_without_a_project_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"has no project\.yml") as refused:
        project.load(tmp_path)
    assert refused.value.remedy


def test_a_file_that_is_no_yaml_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "project.yml").write_text("name: [")
    with pytest.raises(BadInput, match="not valid"):
        project.load(tmp_path)
