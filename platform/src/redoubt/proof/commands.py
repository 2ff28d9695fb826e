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


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    app.command(name="prove")(prove)


def prove(rooms: Rooms = None, root: Root = Path(), template: Template = None) -> None:
    """Show that checks can fail: every sabotage of every control must turn a test red."""
    from redoubt.proof import prove as proving
    from redoubt.proof import rooms as catalogue

    root = root.resolve()
    chosen = catalogue.read(root, tuple(rooms or ()))
    proofs = proving.prove(root, chosen, root / "var" / "proof" / "last", template=template,
                           say=typer.echo)  # fmt: skip
    failures = [f"{proof.room.id}: {text}" for proof in proofs for text in proof.failures()]
    for text in failures:
        typer.echo(f"FAIL {text}", err=True)
    raise typer.Exit(1 if failures else 0)
