"""The command line of the workshop: doctor, lock, scaffold, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    app.command("doctor")(doctor)
    app.command("lock")(lock)
    app.command("scaffold")(scaffold)
    app.command("demo")(demo)


def doctor() -> None:
    """Show what this machine has, what is missing, and the remedy."""
    from redoubt.workshop import doctor as examine

    raise typer.Exit(examine.report(Path.cwd()))


def lock() -> None:
    """Compile requirements/team.in into team.txt, with hashes."""
    from redoubt.workshop import lock as locking

    count, target = locking.lock(Path.cwd())
    typer.echo(f"{target}: {count} packages beside the platform's")
    typer.echo("The next nox session brings .venv/work in step. Commit team.in and team.txt.")


def scaffold(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Which to add; none lists them.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Add all that are missing.")] = False,
) -> None:
    """Offer starter files that this project does not have; never overwrite one."""
    from redoubt import project
    from redoubt.workshop import scaffold as starters

    root = Path.cwd()
    profile = project.load(root).profile
    wanted = starters.missing(root, profile) if everything else list(paths or [])
    for path in starters.add(root, profile, wanted):
        typer.echo(f"added {path.relative_to(root)}")
    if not wanted:
        for name in starters.missing(root, profile):
            typer.echo(name)
        typer.echo("Add one with `redoubt scaffold PATH`, or all of them with --all.")


def demo() -> None:
    """Take the starter model from data to a served decision, as two invented people."""
    from functools import partial

    from redoubt import settings
    from redoubt.training import tracking
    from redoubt.workshop.demo import Demo

    here = settings.load()
    Demo(here, typer.echo, partial(tracking.prepare, here)).run()
