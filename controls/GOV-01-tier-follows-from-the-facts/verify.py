"""Proves GOV-01: the tier follows from the facts, and everything else follows from that tier."""

import itertools
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from redoubt import project as projects
from redoubt.errors import BadInput
from redoubt.governance import tiering
from redoubt.proof import proves, results, rooms
from redoubt.records import Tier

SCALES = {n: get_args(f.annotation) for n, f in tiering.RiskFacts.model_fields.items()}
ALL = [dict(zip(SCALES, levels, strict=True)) for levels in itertools.product(*SCALES.values())]
RATING = ("33222", "33222", "22211", "11111", "11111")  # materiality down, inherent risk across
REASON = "Model risk committee, 12 May"
POLICIES = ("data", "gates", "release", "serving")


def rated(facts: dict[str, Any]) -> int:
    points = [SCALES[name].index(facts[name]) for name in SCALES]
    return int(RATING[points[0] + points[1]][points[2] + points[3]])


def edited(root: Path, folder: Path, **changes: object) -> Path:
    value = yaml.safe_load((root / "project.yml").read_text())
    (folder / "project.yml").write_text(yaml.safe_dump(value | changes, allow_unicode=True))
    return folder


@proves("GOV-01.1")
def test_every_combination_has_the_tier_of_the_rating_table():
    found = [tiering.tier(tiering.RiskFacts(**facts)) for facts in ALL]
    assert found == [rated(facts) for facts in ALL]


@proves("GOV-01.2")
@pytest.mark.parametrize("tier", [1, 2, 3])
@pytest.mark.parametrize("reason", [REASON, "because", "", " " * 12])
def test_an_override_only_raises_and_says_why(root, tmp_path, tier, reason):
    for facts in ALL[::9]:
        folder = edited(root, tmp_path, facts=facts, override={"tier": tier, "reason": reason})
        if tier <= rated(facts) and reason == REASON:
            assert projects.load(folder).tier == tier
        else:
            with pytest.raises(BadInput):
                projects.load(folder)


@proves("GOV-01.3")
def test_the_tier_written_here_is_the_one_its_answers_give(project, answers):
    facts, raised = project.facts.model_dump(), answers.get("tier_override", "none")
    expected = min(rated(facts), int(raised.replace("none", "3")))
    assert facts == {name: answers[name] for name in SCALES}
    assert (project.rendered_tier, project.tier) == (expected, expected)


@proves("GOV-01.4")
def test_a_tier_edited_down_changes_nothing(root, tmp_path, catalogue):
    worst = {name: scale[-1] for name, scale in SCALES.items()}
    forged = projects.load(edited(root, tmp_path, facts=worst, override=None, rendered_tier=3))
    assert forged.tier == 1
    assert all(results.level_of(room, forged.tier) == room.control.tiers[1] for room in catalogue)


@proves("GOV-01.4")
def test_every_limit_is_that_of_the_computed_tier(tiers):
    assert (tiers.written, tiers.computed) == (3, 1)
    assert tiers.asked() == {(policy, 1) for policy in POLICIES}


@proves("GOV-01.5")
def test_each_tier_has_its_own_controls(catalogue):
    room, levels = catalogue[0], dict[Tier, str]({1: "blocking", 2: "report", 3: "off"})
    room = rooms.Room(room.folder, room.control.model_copy(update={"tiers": levels}))
    assert {tier: results.level_of(room, tier) for tier in levels} == levels
    item = room.control.requirements[0]
    assert {tier: results.judged(room, item, {}, tier).level for tier in levels} == levels


@proves("GOV-01.5")
def test_no_limit_is_looser_in_a_higher_tier(floors):
    for name, direction, values in floors.numbers():
        assert values == sorted(values, reverse=direction == "min"), name
    for name, direction, members in floors.names():
        first, second, third = members if direction == "more" else reversed(members)
        assert first >= second >= third, name


@proves("GOV-01.6")
def test_the_eu_class_follows_from_use_persons_and_places(project):
    for facts, places in itertools.product(ALL, [("uk", "eu"), ("eu", "uk"), ("uk",)]):
        person = "high-risk:annex-iii-5b" if facts["customer_impact"] == "individuals" else None
        expected = (person or "not-high-risk") if "eu" in places else "not-applicable"
        found = tiering.ai_act_class("credit_default", tiering.RiskFacts(**facts), places)
        here = project.model_copy(update={"facts": project.facts.model_copy(update=facts)})
        here = here.model_copy(update={"jurisdictions": places})
        assert found == here.ai_act_class == expected
