"""Every shared set of answers, rendered once in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def rendered_set(
    tmp_path_factory: pytest.TempPathFactory,
    render: Callable[..., Path],
    answer_sets: dict[str, dict[str, Any]],
) -> Callable[[str], Path]:
    """Return ``rendered_set(name)``: the project of a set of answers. Read only."""
    done: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in done:
            done[name] = render(tmp_path_factory.mktemp(name) / "project", **answer_sets[name])
        return done[name]

    return make
