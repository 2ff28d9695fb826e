"""The audit: a checkout against a render of one's own, and pristine rooms run on it.

The lock tells what a team edited by mistake; the audit tells what somebody edited together with
the lock, because it believes nothing that the checkout says about itself but its answers.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from redoubt import settings as configuration
from redoubt.proof import lock, render, sabotage, verify
from redoubt.proof.results import Finding, Report

Say = Callable[[str], None]
REMOVE = "remove it, and ask who added it and why"
RESTORE = "revert the commit that `git log -- FILE` names, and ask who made it and why"


@dataclass(frozen=True)
class Audited:
    """What was found in one project."""

    project: Path
    findings: tuple[Finding, ...]
    report: Report | None

    # control: DEV-07
    @property
    def exit_code(self) -> int:
        """Return 1 when a file differs or a pristine room is red."""
        failed = self.report is not None and self.report.exit_code(strict=False) != 0
        return 1 if self.findings or failed else 0


def audit(
    root: Path, template: Path | None, work: Path, say: Say, *, version: str | None = None,
    rooms: bool = True,
) -> Audited:  # fmt: skip
    """Compare a project with a fresh render and run the pristine rooms on a copy of it.

    ``version`` is the template's to compare with; without it, the one that the project records.
    """
    root = root.resolve()
    source = Path(render.source(root, template))
    pristine = render.fresh(root, source, work / "pristine", commit=version or _commit(root))
    owners = lock.Ownership.read(source / "ownership.yml")
    findings = tuple(compare(root, pristine, owners))
    if not rooms:
        return Audited(root, findings, None)
    copy = sabotage.copy_project(root, work / "copy")
    _own_checks(copy, pristine, owners)
    settings = configuration.Settings(root=copy, state=root / "var")
    report, _ = verify.verify(settings, work / "logs", say=say)
    # lock and register were compared above, as files; rooms of another release have another register
    kept = tuple(item for item in report.findings if item.about not in ("lock", "register"))
    return Audited(root, findings, replace(report, findings=kept))


def _commit(root: Path) -> str:
    return str(render.answers(root).get("_commit") or "HEAD")


# control: DEV-07
def compare(root: Path, pristine: Path, owners: lock.Ownership) -> Iterator[Finding]:
    """Name every platform file that is edited, missing or extra, whatever the lock says."""
    expected = {name for name in _names(pristine) if owners.owner(name) == "P"}
    actual = {name for name in _names(root) if owners.owner(name) == "P"}
    for name in sorted(expected - actual):
        yield Finding("audit", f"{name} is missing.", RESTORE)
    for name in sorted(actual - expected):
        yield Finding("audit", f"{name} is not a file of the platform.", REMOVE)
    for name in sorted(expected & actual):
        if not _same(name, root / name, pristine / name):
            yield Finding("audit", f"{name} was edited.", RESTORE)


def _names(root: Path) -> set[str]:
    return {
        path.relative_to(root).as_posix()
        for path in lock.below(root)
        if path.relative_to(root).parts[0] not in sabotage.LEFT_OUT
    }


def _same(name: str, ours: Path, theirs: Path) -> bool:
    if name == render.ANSWERS:
        return _answers(ours.parent) == _answers(theirs.parent)
    return ours.read_bytes() == theirs.read_bytes()


def _answers(root: Path) -> dict[str, Any]:
    return {key: value for key, value in render.answers(root).items() if not key.startswith("_")}


def _own_checks(copy: Path, pristine: Path, owners: lock.Ownership) -> None:
    """Put the pristine catalogue into the copy; what is the team's in it stays."""
    kept = {
        name: (copy / name).read_bytes()
        for name in _names(copy)
        if name.startswith("controls/") and owners.owner(name) == "T"
    }
    shutil.rmtree(copy / "controls")
    shutil.copytree(pristine / "controls", copy / "controls")
    for name, data in kept.items():
        (copy / name).write_bytes(data)
