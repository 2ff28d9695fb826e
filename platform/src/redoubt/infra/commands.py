"""The command line of the private cloud."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Environment(StrEnum):
    """The environments of a project, each an account of its own."""

    development = "development"
    validation = "validation"
    production = "production"


Where = Annotated[Environment, typer.Argument(help="development, validation or production.")]


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    app.command("drift")(drift)


def drift(environment: Where = Environment.development) -> None:
    """Say what no longer is as it was applied, and which controls it serves; 2 when something is."""
    from redoubt import settings
    from redoubt.infra import drift as looking

    env = settings.load()
    found = looking.look(env.root, env.state, environment.value)
    for line in looking.lines(found):
        typer.echo(line)
    if found:
        raise typer.Exit(2)
