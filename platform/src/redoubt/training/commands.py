"""``redoubt train``."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    app.command()(train)


def train(
    dataset: Annotated[
        str | None, typer.Option(help="digest or prefix of a snapshot; default: the newest")
    ] = None,
    seed: Annotated[int, typer.Option(help="the same seed and data give the same model")] = 7,
) -> None:
    """Fit champion and challenger, record the run in MLflow, and write a candidate bundle."""
    import os

    os.environ.setdefault("OMP_NUM_THREADS", "1")  # spinning threads cost more than they bring
    from redoubt import identity, model, progress, project, settings
    from redoubt.training import train as stage

    here = settings.load()
    candidate = stage.train(
        here, project.load(here.root), model.load(here.root), by=identity.acting(here),
        dataset=dataset, seed=seed, tell=progress.on_stderr(),
    )  # fmt: skip
    for name, metric in sorted(candidate.run.metrics.items()):
        rival = candidate.run.challenger[name]
        typer.echo(f"{name:<32} {metric.value:7.4f} [{metric.low:.4f}, {metric.high:.4f}]"
                   f"   challenger {rival.value:7.4f}")  # fmt: skip
    typer.echo(f"candidate {candidate.digest}")
    typer.echo("next: redoubt register")
