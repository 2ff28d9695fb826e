"""``redoubt …``: one verb a step. Every stage brings its commands; nothing heavy is imported here."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from redoubt.errors import RedoubtError

STAGES = ("data", "training", "gates", "release", "serving", "proof", "workshop")
app = typer.Typer(
    name="redoubt", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
    help="From data to a signed, approved, served and logged decision, with proof.",
)  # fmt: skip
for stage in STAGES:
    import_module(f"redoubt.{stage}.commands").register(app)


def main() -> None:
    """Run the command line: 0 done, 1 refused, 2 usage or bad input, 3 something needed is absent."""
    try:
        app()
    except RedoubtError as error:
        sys.stderr.write(f"redoubt: {error.message}\n")
        if error.remedy:
            sys.stderr.write(f"  remedy: {error.remedy}\n")
        sys.exit(error.exit_code)
