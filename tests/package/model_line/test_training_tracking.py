"""MLflow: where it writes, what it is told, and what happens without it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from redoubt import processes, runstore
from redoubt.errors import Unavailable
from redoubt.settings import Settings
from redoubt.training import tracking


def test_without_mlflow_nothing_is_trained_and_the_remedy_is_named(
    run_training, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(Unavailable, match="MLflow is not installed") as refused:
        run_training()
    assert "redoubt doctor" in refused.value.remedy
    assert refused.value.exit_code == 3
    assert not (run_training.settings.state / "candidates").exists()


def test_a_server_that_does_not_answer_is_told_within_seconds(run_training) -> None:
    uri = f"http://127.0.0.1:{processes.free_port()}"
    settings = run_training.settings.model_copy(update={"tracking_uri": uri})
    start = time.monotonic()
    with pytest.raises(Unavailable, match="does not answer"):
        run_training(settings=settings)
    assert time.monotonic() - start < 60
    assert not (settings.state / "candidates").exists()


def test_a_database_that_is_none_is_told(run_training) -> None:
    path = run_training.settings.state / "mlflow" / "mlflow.db"
    path.write_text("this is no database")
    with pytest.raises(Unavailable, match="does not answer"):
        run_training()


def test_everything_lies_in_the_state_folder_wherever_the_command_starts(
    run_training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "elsewhere"
    here.mkdir()
    monkeypatch.chdir(here)
    run_training()
    assert list(here.iterdir()) == []
    assert not (run_training.settings.root / "mlruns").exists()
    artefacts = run_training.settings.state / "mlflow" / "artifacts"
    assert {path.suffix for path in artefacts.rglob("*") if path.is_file()} == {".json", ".onnx"}


def test_pickles_are_never_loaded_whatever_the_environment_says(trainer, monkeypatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "true")
    assert trainer.client
    assert os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"


def test_a_copied_project_writes_its_artefacts_into_the_copy(trained: Path, trainer) -> None:
    story = tracking.Story(
        "workbench", "copy", "mira", {"name": "x", "digest": "sha256:" + "a" * 64}
    )
    with tracking.recording(trainer.settings, story) as recording:
        recording.finish({"a": 1}, {"b": 2.0}, {"c": "d"}, trainer.folder)
    run = trainer.client.get_run(recording.run_id)
    assert run.info.artifact_uri.startswith(trainer.settings.state.resolve().as_uri())
    assert not list(trained.rglob(recording.run_id))


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        (
            "https://user:secret@mlflow.bank.internal/base?key=1",
            "https://mlflow.bank.internal/base",
        ),
        ("postgresql://user:secret@db/mlflow", "postgresql://db/mlflow"),
        ("", "sqlite:///var/mlflow/mlflow.db"),
    ],
)
def test_records_name_the_store_without_credentials_or_machine_paths(tmp_path, uri, shown) -> None:
    assert runstore.place(Settings(root=tmp_path, tracking_uri=uri)) == shown
