"""The command line of keys, identity and release."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port.")]


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    app.command("keys")(keys)
    issuer = typer.Typer(no_args_is_help=True, help="The development identity provider.")
    issuer.command("start")(issuer_start)
    app.add_typer(issuer, name="issuer")
    app.command("login")(login)


def keys() -> None:
    """Create the development keys and trust anchors (existing ones are kept)."""
    from redoubt import settings
    from redoubt.release import keys as made

    for path in made.create(settings.load()):
        typer.echo(path)


def issuer_start(port: Port = 0) -> None:
    """Run the development issuer on loopback until it is stopped (Ctrl-C)."""
    from redoubt import settings
    from redoubt.release.issuer_server import Server

    with Server(settings.load(), port) as server:
        typer.echo(f"development issuer: http://127.0.0.1:{server.server_port} (Ctrl-C stops it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("stopped")


def login(
    name: Annotated[str, typer.Argument(help="A person or program of the issuer.")],
    show: Annotated[bool, typer.Option("--print", help="Print a token; keep who is in.")] = False,
) -> None:
    """Sign in at the development issuer and keep the token in var/issuer/token."""
    from redoubt import settings
    from redoubt.release import issuer_server

    if show:
        typer.echo(issuer_server.request_token(settings.load(), name))
        return
    found = issuer_server.login(settings.load(), name)
    until = datetime.fromtimestamp(found.expires, UTC)
    typer.echo(f"signed in: {found.subject}")
    typer.echo(f"roles:     {', '.join(sorted(found.roles)) or 'none'}")
    if found.scopes:
        typer.echo(f"scopes:    {' '.join(sorted(found.scopes))}")
    typer.echo(f"until:     {until:%Y-%m-%d %H:%M} UTC")
