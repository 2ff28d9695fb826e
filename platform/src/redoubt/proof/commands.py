"""The command line of this stage."""

from __future__ import annotations

from datetime import datetime
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
Record = Annotated[Path | None, typer.Option(help="Where the outcome goes, for a release.")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day to export.")]
Out = Annotated[Path | None, typer.Option(help="The archive to write.")]
Projects = Annotated[list[Path], typer.Argument(help="Checkouts of projects.")]
FilesOnly = Annotated[bool, typer.Option("--files-only", help="Compare files, run no rooms.")]
Version = Annotated[str | None, typer.Option(help="Of the template; the recorded one by default.")]
Before = Annotated[Path, typer.Argument(help="The lock.json of before.", dir_okay=False)]


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    app.command(name="verify")(verify)
    app.command(name="prove")(prove)
    app.command(name="evidence")(evidence)
    app.command(name="audit")(audit)
    app.command(name="waive")(waive)
    control = typer.Typer(no_args_is_help=True, help="Work on the catalogue.")
    control.command(name="new")(new)
    control.command(name="changes")(changes)
    app.add_typer(control, name="control")


def verify(
    rooms: Rooms = None, root: Root = Path(), strict: Strict = False, deep: Deep = False
) -> None:
    """Check every control on this project: 1 when one fails, 3 (--strict) when one is not known."""
    _verify(root, rooms, "verify", strict=strict, deep=deep)


def _verify(root: Path, rooms: list[str] | None, verb: str, *, strict: bool, deep: bool) -> None:
    from redoubt import settings as configuration
    from redoubt.proof import evidence as kept
    from redoubt.proof import sessions, text

    settings = configuration.load(root)
    report, code, occasion = sessions.verified(
        settings, rooms or (), _progress, verb=verb, strict=strict, deep=deep
    )
    for line in text.lines(report):
        typer.echo(line)
    typer.echo(f"page: {occasion.folder / kept.PAGE}")
    if code:
        raise typer.Exit(code)


def prove(
    rooms: Rooms = None, root: Root = Path(), template: Template = None, record: Record = None
) -> None:
    """Show that checks can fail: every sabotage of every control must turn a test red."""
    from redoubt import settings as configuration
    from redoubt.proof import sessions

    settings = configuration.load(root)
    proofs, code, occasion = sessions.proven(
        settings, rooms or (), _progress, template=template, record=record
    )
    for text in (f"{proof.room.id}: {text}" for proof in proofs for text in proof.failures()):
        typer.echo(f"FAIL {text}")
    breaks = [item for proof in proofs for item in proof.breaks]
    skipped = sum(bool(item.skipped) for item in breaks)
    good = sum(not any(proof.failures()) for proof in proofs)
    typer.echo(f"{good} of {len(proofs)} controls proven both ways, {len(breaks)} sabotages, "
               f"{skipped} not reproduced here; logs: {occasion.logs}")  # fmt: skip
    raise typer.Exit(code)


def evidence(
    rooms: Rooms = None, root: Root = Path(), since: Since = None, out: Out = None
) -> None:
    """Verify strictly, the model's records too, and write what a reviewer asks for as one archive."""
    from redoubt import settings as configuration
    from redoubt.proof import export

    settings = configuration.load(root)
    refused: typer.Exit | None = None
    try:
        _verify(root, rooms, "evidence", strict=True, deep=False)
    except typer.Exit as error:
        refused = error
    target = out or settings.state / "evidence" / "evidence.zip"
    typer.echo(f"archive: {export.export(settings, target, since.date() if since else None)}")
    if refused is not None:
        raise refused


def audit(
    projects: Projects, template: Template = None, version: Version = None,
    files_only: FilesOnly = False,
) -> None:  # fmt: skip
    """Compare projects with a pristine render, and run the pristine controls on each."""
    import tempfile

    from redoubt.proof import audit as auditing
    from redoubt.proof import text

    worst = 0
    for project in projects:
        typer.echo(f"== {project}")
        with tempfile.TemporaryDirectory(prefix="redoubt-audit-") as work:
            found = auditing.audit(
                project,
                template,
                Path(work).resolve(),
                _progress,
                version=version,
                rooms=not files_only,
            )
        for item in found.findings:
            typer.echo(f"FAIL  {item.message} remedy: {item.remedy}")
        if not found.findings:
            typer.echo("every platform file is as it is rendered")
        for line in text.lines(found.report) if found.report else ():
            typer.echo(line)
        worst = max(worst, found.exit_code)
    raise typer.Exit(worst)


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


def new(
    control: Annotated[str, typer.Argument(help="The new id, such as NET-01.")],
    slug: Annotated[str, typer.Argument(help="Its claim in kebab case: no-internet-route.")],
    root: Root = Path(),
) -> None:
    """Write a new room, red until it is filled in."""
    from redoubt.proof import scaffold

    typer.echo(
        f"{scaffold.new(root.resolve(), control, slug)}: fill in, then `redoubt prove {control}`"
    )


def changes(before: Before, root: Root = Path()) -> None:
    """Tell which controls an update added, retired, removed or changed, from the lock of before."""
    import json

    from redoubt.proof import lock

    found = lock.changes(json.loads(before.read_text()), lock.read(root) or {})
    for line in found or ["no control changed"]:
        typer.echo(line)
    raise typer.Exit(1 if any("REMOVED" in line for line in found) else 0)


def _progress(text: str) -> None:
    typer.echo(text, err=True)
