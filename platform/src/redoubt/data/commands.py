"""``redoubt data``: synthesize, sign, ingest, list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(help="a CSV or Parquet file, such as exports/loans.csv")]


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    group = typer.Typer(help="Bring data in, from listed sources and under a contract.",
                        no_args_is_help=True)  # fmt: skip
    for command in (synthesize, sign, ingest):
        group.command()(command)
    group.command("list")(list_snapshots)
    app.add_typer(group, name="data")


def synthesize(
    rows: Annotated[int, typer.Option(help="how many applications")] = 20_000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same file")] = 7,
) -> None:
    """Write synthetic applications, with a receipt, to var/data/incoming."""
    from redoubt import project, settings
    from redoubt.data import synthesize as writer

    here = settings.load()
    path = writer.write(here, project.load(here.root), rows=rows, seed=seed)
    typer.echo(_shown(path, here.root))


def sign(
    file: File,
    source: Annotated[str, typer.Option(help="the publisher's name in conf/sources.yml")],
    key: Annotated[Path, typer.Option(help="the publisher's private key, PEM")],
) -> None:
    """Write a publisher's signed receipt beside a file (run by the publisher)."""
    from redoubt.data import sources
    from redoubt.signing import LocalSigner

    typer.echo(str(sources.write_receipt(file, source, LocalSigner(key))))


def ingest(
    file: File,
    source: Annotated[str, typer.Option(help="a source of the allow-list")] = "synthetic",
) -> None:
    """Check a file's source and contract, and keep it as a snapshot with its lineage."""
    from redoubt import identity, model, progress, project, settings
    from redoubt.data import ingest as stage
    from redoubt.data import quarantine

    here = settings.load()
    record = stage.ingest(
        here, project.load(here.root), model.load(here.root), file, source=source,
        by=identity.acting(here), tell=progress.on_stderr(),
    )  # fmt: skip
    if record.quarantined:
        place = quarantine.folder(here, record.source.file_digest)
        typer.echo(f"{record.quarantined} rows set aside: {_shown(place, here.root)}")
    typer.echo(f"{record.rows} rows kept as dataset {record.dataset}")


def list_snapshots() -> None:
    """List what was ingested, newest last."""
    from redoubt import settings
    from redoubt.ledger import Ledger
    from redoubt.records import Lineage

    known = list(Ledger(settings.load()).all(Lineage))
    for record in known:
        typer.echo(
            f"{record.dataset}  {record.rows:>9,} rows  {record.quarantined:>6,} set aside  "
            f"{record.source.name}  {record.at:%Y-%m-%d %H:%M}  {record.by.subject}"
        )
    if not known:
        typer.echo("No data was ingested yet: run `redoubt data ingest FILE --source NAME`.")


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
