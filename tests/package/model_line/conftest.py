"""A project to ingest and to train in, made by the functions behind the rooms' facts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt import model, project
from redoubt.proof import facts
from redoubt.release import issuer
from redoubt.settings import Settings
from redoubt.training import tracking, train

FACTS = facts.declared(Path(__file__).resolve().parents[3] / "controls" / "facts")


def fact(name: str) -> Callable[..., Any]:
    return FACTS[name].function()


@pytest.fixture(scope="session")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fact's folder, without MLflow's database: most tests never ask MLflow."""
    folder = tmp_path_factory.mktemp("workbench")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracking, "prepare", lambda settings: None)
        fact("workbench")(work=folder)
    return folder


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Path], Path]:
    return lambda folder: shutil.copytree(folder, tmp_path / "project")


@pytest.fixture
def desk(workbench: Path, copy_of: Callable[[Path], Path]) -> Any:
    """A private project with one published file of 400 rows that nobody has taken in yet."""
    return fact("intake")(workbench, copy_of)()


@pytest.fixture(scope="session")
def snapshot(workbench: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snapshot")
    fact("snapshot")(workbench, work=folder)
    return folder


@pytest.fixture(scope="session")
def trained(database: Path, snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    shutil.copytree(database, folder / "var" / "mlflow")
    fact("trained")(snapshot, work=folder)
    return folder


@pytest.fixture
def trainer(trained: Path, copy_of: Callable[[Path], Path]) -> Any:
    """A private copy of the trained project, its candidate and its MLflow run."""
    return fact("trainer")(trained, copy_of)()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's migrated database, made once: the migrations take longer than a training."""
    settings = Settings(root=tmp_path_factory.mktemp("database"))
    tracking.prepare(settings)
    return settings.state / "mlflow"


@pytest.fixture
def run_training(
    database: Path, snapshot: Path, copy_of: Callable[[Path], Path]
) -> Callable[..., train.Candidate]:
    """Train in a private copy of the snapshot; ``settings`` of the project is an attribute."""
    root = copy_of(snapshot)
    settings = Settings(root=root)
    shutil.copytree(database, settings.state / "mlflow")

    def run(person: str = "mira", **options: Any) -> train.Candidate:
        options = {"model": model.load(root), "settings": settings} | options
        by = issuer.identity(settings, person)
        return train.train(project=project.load(root), by=by, **options)

    run.settings = settings  # type: ignore[attr-defined]
    return run
