"""Every pair of operator and key that the plans use gives the answers that its row says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from redoubt.infra import sandbox
from redoubt.infra.policies import conditions, findings
from redoubt.infra.policies.document import Condition
from redoubt.infra.policies.request import context_of

Plans = Callable[[str], dict[str, Any]]
ROWS = yaml.safe_load((Path(__file__).parent / "condition_cases.yml").read_text())


def answer(row: list[Any], seen: Any) -> bool | None:
    """Return what the evaluator says of a row's condition when the request holds ``seen``."""
    operator, key, written = row[:3]
    value = tuple(seen) if isinstance(seen, list) else seen
    context = {} if seen is None else context_of({key: value})
    return conditions.holds(Condition(operator, key, tuple(written)), context)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_pair_is_true_false_and_without_its_key_as_written(row: list[Any]) -> None:
    _, _, _, fulfils, does_not, without = row
    assert answer(row, fulfils) is True
    assert answer(row, does_not) is False
    assert answer(row, None) is without


@pytest.mark.slow
def test_every_pair_of_the_three_plans_has_a_row(readable: Plans) -> None:
    used = {pair for name in sandbox.ENVIRONMENTS for pair in findings.pairs(readable(name))}
    assert len(used) >= 30
    assert sorted(used - {(row[0], row[1]) for row in ROWS}) == []


@pytest.mark.slow
def test_no_row_is_for_a_pair_that_no_plan_uses(readable: Plans) -> None:
    used = {pair for name in sandbox.ENVIRONMENTS for pair in findings.pairs(readable(name))}
    assert sorted({(row[0], row[1]) for row in ROWS} - used) == []
