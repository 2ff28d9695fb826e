"""Hands the facts of ``controls/facts/`` to the rooms, and the few fixtures that facts build on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from redoubt import settings
from redoubt.proof import facts

REFERENCE = "REDOUBT_PROOF_REFERENCE"
HERE = Path(__file__).parent
STORE = facts.Store(Path.cwd(), facts.declared(HERE / "facts"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The project root: where the command was started, never where a file lies."""
    return STORE.root


@pytest.fixture(scope="session")
def own(request: pytest.FixtureRequest, copy_of: Callable[[Path], Path]) -> settings.Settings:
    """The settings of this project as the command was started with; rooms run without them.

    Where checks are proven able to fail, the reference release stands for the project's own: else
    a check of the model's records could turn red only where a model is.
    """
    if os.environ.get(REFERENCE) and "released" in STORE.facts:
        return settings.Settings(root=copy_of(request.getfixturevalue("released")))
    outer = json.loads(os.environ.get("REDOUBT_PROOF_OUTER", "{}"))
    with mock.patch.dict(os.environ, outer):
        return settings.Settings(root=STORE.root)


@pytest.fixture(scope="session")
def copy_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Make a private copy of a fact's folder, free to be written into."""

    def copy(folder: Path) -> Path:
        target = tmp_path_factory.mktemp(folder.parent.name.rpartition("-")[0] or "copy")
        shutil.copytree(folder, target, dirs_exist_ok=True, symlinks=True)
        return target

    return copy


def _fixture(fact: facts.Fact) -> Any:
    @pytest.fixture(scope="session", name=fact.name)
    def hand_out(request: pytest.FixtureRequest) -> Iterator[Any]:
        yield from facts.value(fact, STORE, request.getfixturevalue)

    return hand_out


globals().update({f"fact_{name}": _fixture(fact) for name, fact in STORE.facts.items()})
