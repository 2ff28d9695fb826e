"""The command line of this stage."""

from __future__ import annotations

import typer

from redoubt.serving.batch_commands import register_batch
from redoubt.serving.log_commands import register_log
from redoubt.serving.serve_commands import register_serve


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    register_serve(app)
    register_log(app)
    register_batch(app)
