"""``redoubt serve``: the service, in the serving environment."""

from __future__ import annotations

from typing import Annotated

import typer


def register_serve(app: typer.Typer) -> None:
    """Add ``redoubt serve``."""
    app.command("serve")(serve)


def serve(
    candidate: Annotated[
        str | None,
        typer.Option(help="An approved but not promoted digest, on loopback only, to be judged."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Instead of REDOUBT_PORT.")
    ] = None,
) -> None:
    """Serve the promoted model over TLS; refuses to start on anything that does not verify."""
    from redoubt.serving import server

    words = ["--candidate", candidate] if candidate else []
    server.hand_over(words + (["--port", str(port)] if port is not None else []))
