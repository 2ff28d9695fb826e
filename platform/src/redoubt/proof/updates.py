"""What an update, or a hand in the answers, must not leave behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from redoubt.project import Project
from redoubt.proof import lock, sabotage
from redoubt.proof.results import Finding

# control: DEV-07
MARKER = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)
LARGEST = 4 << 20


# control: DEV-07
def check(root: Path, project: Project) -> list[Finding]:
    """Name conflicts that an update left, and a tier or a package that was changed by hand."""
    return [*conflicts(root), *lowered(project), *renamed(root, project)]


# control: DEV-07
def conflicts(root: Path) -> Iterator[Finding]:
    """Name each file with a conflict marker, and each rejected patch."""
    for path in sorted(_files(root)):
        rejected = path.suffix == ".rej"
        if rejected or MARKER.search(path.read_bytes()):
            what = "is a rejected patch" if rejected else "holds a conflict marker"
            yield Finding(
                "update",
                f"{path.relative_to(root).as_posix()} {what}.",
                "settle it with the template's text for platform files, with yours for your own",
            )


def _files(root: Path) -> Iterator[Path]:
    for top in root.iterdir():
        if top.name in sabotage.LEFT_OUT:
            continue
        for path in lock.below(top) if top.is_dir() else [top]:
            if path.is_file() and path.stat().st_size <= LARGEST:
                yield path


# control: DEV-07
def lowered(project: Project) -> Iterator[Finding]:
    """Name a rendered tier that is not the one its facts and override give."""
    if project.rendered_tier != project.tier:
        yield Finding(
            "tier",
            f"project.yml says tier {project.rendered_tier}; its facts give tier {project.tier}.",
            "answer the risk questions again with `copier update`; the tier is computed, never set",
        )


# control: DEV-07
def renamed(root: Path, project: Project) -> Iterator[Finding]:
    """Name a package that the answers name and that is not the one in ``src``."""
    if not (root / "src" / project.package).is_dir():
        here = sorted(path.parent.name for path in root.glob("src/*/__init__.py"))
        yield Finding(
            "update",
            f"project.yml names the package {project.package}; src holds {', '.join(here) or 'none'}.",
            "a package keeps its name: revert the commit that changed .copier-answers.yml, "
            "project.yml or the folder's name",
        )
