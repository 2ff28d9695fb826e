"""The run as MLflow keeps it: parameters, metrics, tags, dataset and bundle files; nothing pickled.

Only MLflow's low-level client is used, so no run is ever "active" and no flavour writes a model.
By default the database and the artefacts lie in the state folder; MLflow would put the latter into
``mlruns/`` of whatever folder the command was started in.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redoubt import digests, runstore
from redoubt.errors import Unavailable
from redoubt.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class Story:
    """What is told about one run before it is fitted, all of it plain text or numbers."""

    project: str
    name: str
    user: str
    dataset: Mapping[str, str]


def prepare(settings: Settings) -> None:
    """Create the default database, so that the first run need not wait for its migrations."""
    with runstore.asking(settings):
        runstore.client(settings).search_experiments(max_results=1)


@dataclass(frozen=True)
class Recording:
    """An open MLflow run: told what was measured, then finished or marked as failed."""

    settings: Settings
    client: MlflowClient
    run_id: str

    # control: TRN-01
    def finish(
        self, parameters: Mapping[str, object], metrics: Mapping[str, float],
        tags: Mapping[str, str], bundle: Path,
    ) -> None:  # fmt: skip
        """Log everything and the bundle's files as artefacts, and end the run."""
        from mlflow.entities import Metric, Param, RunTag

        moment = int(time.time() * 1000)
        with runstore.asking(self.settings):
            self.client.log_batch(
                self.run_id,
                metrics=[Metric(key, value, moment, 0) for key, value in metrics.items()],
                params=[Param(key, str(value)) for key, value in parameters.items()],
                tags=[RunTag(key, value) for key, value in tags.items()],
            )
            self.client.log_artifacts(self.run_id, str(bundle), "bundle")
            self.client.set_terminated(self.run_id, "FINISHED")


@contextmanager
def recording(settings: Settings, story: Story) -> Iterator[Recording]:
    """Open a run for the length of the block; when the block raises, the run is marked FAILED."""
    asked = runstore.client(settings)
    with runstore.asking(settings):
        made = asked.create_run(
            _experiment(settings, asked, story.project),
            tags={"mlflow.user": story.user},
            run_name=story.name,
        )
        run_id = made.info.run_id
        asked.log_inputs(run_id, datasets=[_dataset(story.dataset)])
    try:
        yield Recording(settings, asked, run_id)
    except BaseException:
        with suppress(Exception):  # the first error is the one to tell
            asked.set_terminated(run_id, "FAILED")
        raise


def _experiment(settings: Settings, asked: MlflowClient, name: str) -> str:
    """Return the experiment's id; in the default store its artefacts lie in the state folder.

    MLflow keeps that folder for good, so a project that was moved or copied gets a new experiment.
    """
    if settings.tracking_uri:
        found = asked.get_experiment_by_name(name)
        return str(found.experiment_id if found else asked.create_experiment(name))
    folder = (settings.state / "mlflow" / "artifacts").resolve().as_uri()
    for candidate in (name, f"{name} ({digests.short(digests.digest(folder.encode()))})"):
        found = asked.get_experiment_by_name(candidate)
        if found is None:
            return str(asked.create_experiment(candidate, artifact_location=folder))
        if found.artifact_location == folder:
            return str(found.experiment_id)
    raise Unavailable(f"Experiment {name!r} keeps its artefacts elsewhere.",
                      remedy="rename it in the MLflow UI")  # fmt: skip


# control: TRN-01
def _dataset(facts: Mapping[str, str]) -> Any:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    dataset = Dataset(
        name=facts["name"],
        digest=facts["digest"].removeprefix("sha256:")[:32],  # MLflow keeps 36; a tag has it whole
        source_type="redoubt",
        source=json.dumps(dict(facts)),
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])
