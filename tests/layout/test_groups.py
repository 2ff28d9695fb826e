"""Tests of one group run in one process, so that what they share is made once."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("together")
def test_the_group_of_a_test_is_known_to_the_scheduler(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("loadgroup", default=False):
        pytest.skip("no groups are asked for: `--dist loadgroup` was not given")
    # pytest-xdist schedules by what follows the @; a pytest that it does not fit shows none.
    assert request.node.nodeid.endswith("@together")
