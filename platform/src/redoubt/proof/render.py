"""Render a project again, from the template it came from: for answer sabotages and for the audit."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from redoubt import plain_yaml
from redoubt.errors import BadInput, Unavailable

ANSWERS = ".copier-answers.yml"


def answers(root: Path) -> dict[str, Any]:
    """Read what a project answered. Raises BadInput when its record is missing or malformed."""
    try:
        value = plain_yaml.load((root / ANSWERS).read_text())
        return dict(value)
    except (OSError, yaml.YAMLError, TypeError, ValueError) as error:
        raise BadInput(
            f"{root / ANSWERS} cannot be read.",
            remedy="restore it with `git checkout .copier-answers.yml`; Copier writes it",
        ) from error


def source(root: Path, template: Path | None) -> str:
    """Return where the template of a project can be read.

    Raises Unavailable when it is neither given nor a folder that can be reached from here.
    """
    if template is not None:
        if not (template / "copier.yml").is_file():
            raise BadInput(
                f"{template} is not the template.", remedy="give its folder, with copier.yml"
            )
        return str(template.resolve())
    recorded = str(answers(root).get("_src_path", ""))
    if recorded and (Path(recorded) / "copier.yml").is_file():
        return recorded
    raise Unavailable(
        f"The template {recorded or '(not recorded)'} cannot be reached from here.",
        remedy="give a clone of it: --template PATH",
    )


def fresh(
    root: Path, template: Path | None, target: Path, *, commit: str = "HEAD",
    change: Mapping[str, Any] | None = None,
) -> Path:  # fmt: skip
    """Render the template into ``target`` with a project's own answers, some of them changed."""
    try:
        import copier
    except ImportError as error:
        raise Unavailable("Copier is not installed here.", remedy="pip install copier") from error
    data = {key: value for key, value in answers(root).items() if not key.startswith("_")}
    place = source(root, template)
    try:
        copier.run_copy(
            place, target, data=data | dict(change or {}), defaults=True, quiet=True,
            vcs_ref=commit, unsafe=False, overwrite=True,
        )  # fmt: skip
    except (ValueError, copier.errors.CopierError, subprocess.SubprocessError) as error:
        raise Unavailable(
            f"{place} cannot be rendered at {commit}: {error}.",
            remedy="fetch the template's tags, or name a version that it has",
        ) from error
    return target


def with_answer(root: Path, template: Path | None, name: str, value: Any) -> Callable[[Path], Path]:
    """Return a function that renders with one answer changed. Raises Unavailable when it cannot."""
    place = source(root, template)
    try:
        import copier  # noqa: F401  (asked for before any child starts)
    except ImportError as error:
        raise Unavailable("Copier is not installed here.", remedy="pip install copier") from error
    return lambda target: fresh(root, Path(place), target, change={name: value})
