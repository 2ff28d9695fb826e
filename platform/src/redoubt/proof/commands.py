"""The command line of this stage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Rooms = Annotated[list[str] | None, typer.Argument(help="Controls by id or folder; all when none.")]
Root = Annotated[Path, typer.Option("--root", help="The project's folder.", file_okay=False)]
Template = Annotated[
    Path | None, typer.Option("--template", help="A clone of the template, to render again.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 3 on what is not evaluated.")]
Deep = Annotated[bool, typer.Option("--deep", help="Compute the expensive facts too.")]


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    app.command(name="verify")(verify)
    app.command(name="prove")(prove)
    app.command(name="waive")(waive)


def verify(
    rooms: Rooms = None, root: Root = Path(), strict: Strict = False, deep: Deep = False
) -> None:
    """Check every control on this project: 1 when one fails, 3 (--strict) when one is not known."""
    from redoubt import settings as configuration
    from redoubt.proof import text
    from redoubt.proof import verify as verifying

    settings = configuration.load(root)
    report, _ = verifying.verify(
        settings, settings.state / "proof" / "last", rooms or (), deep=deep, say=_progress
    )
    for line in text.lines(report):
        typer.echo(line)
    raise typer.Exit(report.exit_code(strict=strict))


def prove(rooms: Rooms = None, root: Root = Path(), template: Template = None) -> None:
    """Show that checks can fail: every sabotage of every control must turn a test red."""
    from redoubt.proof import prove as proving
    from redoubt.proof import rooms as catalogue

    root = root.resolve()
    chosen = catalogue.read(root, tuple(rooms or ()))
    proofs = proving.prove(root, chosen, root / "var" / "proof" / "last", template=template,
                           say=_progress)  # fmt: skip
    failures = [f"{proof.room.id}: {text}" for proof in proofs for text in proof.failures()]
    for text in failures:
        typer.echo(f"FAIL {text}", err=True)
    raise typer.Exit(1 if failures else 0)


def waive(
    name: Annotated[str, typer.Argument(help="The waiver's id.")], root: Root = Path()
) -> None:
    """Approve a waiver of controls/waivers.yml, as another person than who asked for it."""
    from redoubt import identity, project
    from redoubt import settings as configuration
    from redoubt.proof import rooms, waivers

    settings = configuration.load(root)
    desk = waivers.Desk(settings, project.load(settings.root), rooms.read(settings.root))
    by = identity.acting(settings)
    typer.echo(f"{by.subject} approved {name}: {waivers.approve(desk, name, by)}")


def _progress(text: str) -> None:
    typer.echo(text, err=True)
