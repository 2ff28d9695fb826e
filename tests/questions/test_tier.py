"""The tier: Jinja and Python agree on every combination, and an override only raises it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from redoubt import project
from redoubt.governance import tiering

FACTS = ("customer_impact", "financial_exposure", "autonomy", "complexity")
LEVELS = tuple(
    get_args(kind)
    for kind in (tiering.Impact, tiering.Exposure, tiering.Autonomy, tiering.Complexity)
)
ALL = [dict(zip(FACTS, levels, strict=True)) for levels in itertools.product(*LEVELS)]


@pytest.mark.parametrize("facts", ALL, ids=lambda facts: "-".join(facts.values()))
def test_the_template_computes_the_tier_that_redoubt_computes(
    ask: Callable[..., Path], facts: dict[str, str]
) -> None:
    found = project.load(ask(**facts))
    assert found.rendered_tier == found.tier == tiering.tier(tiering.RiskFacts(**facts))


@pytest.mark.parametrize("override", ["1", "2"])
def test_an_override_raises_the_tier(ask: Callable[..., Path], override: str) -> None:
    facts = dict(zip(FACTS, ("none", "low", "advisory", "simple"), strict=True))
    reason = 'Model risk committee: it\'s "new"\\here'
    found = project.load(ask(**facts, tier_override=override, tier_override_reason=reason))
    assert found.override is not None
    assert (found.override.tier, found.override.reason) == (int(override), reason)
    assert found.rendered_tier == found.tier == int(override)


def test_a_reason_without_an_override_changes_nothing(ask: Callable[..., Path]) -> None:
    assert project.load(ask(tier_override_reason="nobody raised it")).override is None
