"""``redoubt …``: one verb a step. Every stage brings its commands; nothing heavy is imported here."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import typer

from redoubt.errors import RedoubtError, team_fault

STAGES = ("data", "training", "gates", "release", "serving", "infra", "proof", "workshop")
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
        _end(error)
    except Exception as error:
        fault = team_fault(error, Path.cwd() / "src")
        if fault is None:  # a defect of the platform: whoever mends it needs the whole trace
            raise
        _end(fault)


def _end(error: RedoubtError) -> NoReturn:
    sys.stderr.write(f"redoubt: {error.message}\n")
    if error.remedy:
        sys.stderr.write(f"  remedy: {error.remedy}\n")
    sys.exit(error.exit_code)
