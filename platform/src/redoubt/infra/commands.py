"""The command line of the private cloud."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Environment(StrEnum):
    """The environments of a project, each an account of its own."""

    development = "development"
    validation = "validation"
    production = "production"


Where = Annotated[Environment, typer.Argument(help="development, validation or production.")]
Administrators = Annotated[
    list[str] | None,
    typer.Option(
        "--administrator",
        help="ARN of an existing role that administers the state's key and may not use it.",
    ),
]
Offline = Annotated[
    bool, typer.Option("--offline", help="Plan an empty state, with no credentials and no network.")
]


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    app.command("preflight")(preflight)
    app.command("bootstrap")(bootstrap)
    app.command("plan")(plan)
    app.command("drift")(drift)


def preflight(environment: Where = Environment.development) -> None:
    """Look at tools, answers, credentials, account, quotas and state; 3 when something is missing."""
    from redoubt import settings
    from redoubt.infra import preflight as looking

    bad = False
    for finding in looking.examine(settings.load().root, environment.value):
        typer.echo(f"{finding.state:8}{finding.name}: {finding.detail}")
        if finding.remedy:
            typer.echo(f"        remedy: {finding.remedy}")
        bad = bad or finding.state == "missing"
    if bad:
        raise typer.Exit(3)


def bootstrap(
    environment: Where = Environment.development, administrator: Administrators = None
) -> None:
    """Make the home of an environment's Terraform state, or mend it; repeat it after a crash."""
    from redoubt import settings
    from redoubt.infra import bootstrap as making

    env = settings.load()
    path = making.bootstrap(env.root, env.state, environment.value, administrator or [], typer.echo)
    typer.echo(f"backend: {_near(path, env.root)} (commit it)")


def plan(environment: Where = Environment.development, offline: Offline = False) -> None:
    """Plan the private cloud and say what changes, what touches data and what costs money."""
    from redoubt import settings
    from redoubt.infra import planning, summary

    env = settings.load()
    place, found = planning.plan(env.root, env.state, environment.value, offline=offline)
    for line in summary.lines(found):
        typer.echo(line)
    typer.echo(f"plan: {_near(place, env.root)}")


def drift(environment: Where = Environment.development) -> None:
    """Say what no longer is as it was applied, and which controls it serves; 1 when something is."""
    from redoubt import settings
    from redoubt.infra import drift as looking

    env = settings.load()
    found = looking.look(env.root, env.state, environment.value)
    for line in looking.lines(found):
        typer.echo(line)
    if found:
        raise typer.Exit(1)


def _near(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
