"""The fact ``planner``: ``planner(environment, work)`` plans this project's ``infra/`` offline.

From an empty state and with no credentials, so it says what would be made, not what stands. In a
broken copy that differs from its project in modules only, those are planned, see `infra/partial.py`; in one
that differs in root files, the root with outlines of its modules, see `infra/outline.py`.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redoubt.errors import Refused, Unavailable
from redoubt.infra import calls, outline, partial, sandbox, terraform
from redoubt.proof import NotEvaluated, children, fact, facts

# Folders and plans of copies, by a short name.
Copies = dict[str, Path]
Found = dict[str, dict[str, Any]]
# Copies, the environment and a scratch folder -> their plans, as far as they go.
Plans = Callable[[Copies, str, Path], Found]
REMEDY = (
    f"install Terraform {terraform.OLDEST[0]}.{terraform.OLDEST[1]} or newer, and give it the provider: "
    "an internet connection, or a folder filled by "
    f"`terraform providers mirror FOLDER` and named in {terraform.MIRROR}"
)


@fact(
    reads=[
        "infra/**",
        "platform/src/redoubt/digests.py",
        "platform/src/redoubt/files.py",
        "platform/src/redoubt/infra/calls.py",
        "platform/src/redoubt/infra/outline.py",
        "platform/src/redoubt/infra/partial.py",
        "platform/src/redoubt/infra/provider.py",
        "platform/src/redoubt/infra/sandbox.py",
        "platform/src/redoubt/infra/standins.py",
        "platform/src/redoubt/infra/terraform.py",
        "platform/src/redoubt/infra/written.py",
        "platform/src/redoubt/proof/children.py",
        "platform/src/redoubt/proof/facts.py",
    ]
)
def planner(root: Path) -> Any:
    # Rooms run without the settings of who started them, but the provider lies where he says.
    outer = json.loads(os.environ.get(children.OUTER, "{}"))
    if terraform.MIRROR in outer:
        os.environ[terraform.MIRROR] = outer[terraform.MIRROR]
    return Planner(root)


@dataclass(frozen=True)
class Planner:
    """Plans of one project, or of broken copies of it ``together``."""

    root: Path

    def __call__(self, environment: str, work: Path) -> None:
        """Write the plan of an environment into ``work``."""
        with tempfile.TemporaryDirectory(prefix="redoubt-plan-") as scratch:
            try:
                found = _plan(self.root, environment, Path(scratch), work)
            except Unavailable as error:
                raise NotEvaluated(error.message, remedy=REMEDY) from error
            except Refused as error:
                if "Failed to query available provider packages" not in error.message:
                    raise
                raise NotEvaluated("The AWS provider is out of reach.", remedy=REMEDY) from error
        _write(found, environment, work)

    def together(self, environments: tuple[str, ...], copies: dict[Path, Path]) -> Iterator[Path]:
        """Plan copies in which modules alone are broken, or root files; yield those whose folder is filled."""
        kept = _kept(self.root, next(iter(copies.values()))) if copies else None
        if kept is None:
            return
        pristine = self.root / "infra"
        modules = {
            root: partial.changed(root / "infra", pristine) or frozenset() for root in copies
        }

        def of_modules(some: Copies, environment: str, scratch: Path) -> Found:
            asked = {tag: (root / "infra", modules[root]) for tag, root in some.items()}
            return partial.plans(asked, environment, scratch, kept)

        def of_roots(some: Copies, environment: str, scratch: Path) -> Found:
            asked = {tag: root / "infra" for tag, root in some.items()}
            return outline.plans(asked, environment, scratch, kept)

        broken = [root for root in copies if modules[root]]
        roots = [root for root in copies if outline.fits(root / "infra", pristine)]
        for asked, plans in ((broken, of_modules), (roots, of_roots)):
            yield from _filled(environments, copies, asked, plans)


def _filled(
    environments: tuple[str, ...], copies: dict[Path, Path], asked: list[Path], plans: Plans
) -> Iterator[Path]:
    """Write the plans of copies in all environments; yield those of which all could be made."""
    for environment in environments:
        found = dict(_found(asked, environment, plans))
        for root, plan in found.items():
            _write(plan, environment, copies[root])
        asked = [root for root in asked if root in found]
    yield from asked


def _found(
    asked: list[Path], environment: str, plans: Plans
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the plans; one that cannot be planned ends the run of all, so halves are tried then."""
    if not asked:
        return
    copies = {f"c{number}": root for number, root in enumerate(asked)}
    with tempfile.TemporaryDirectory(prefix="redoubt-plan-") as scratch:
        try:
            found = plans(copies, environment, Path(scratch))
        except Refused:
            half = len(asked) // 2
            for some in (asked[:half], asked[half:]) if half else ():
                yield from _found(some, environment, plans)
            return
    yield from ((copies[tag], plan) for tag, plan in found.items())


def _write(plan: dict[str, Any], environment: str, work: Path) -> None:
    (work / f"{environment}.json").write_text(json.dumps(plan))


def _plan(root: Path, environment: str, scratch: Path, work: Path) -> dict[str, Any]:
    found = _in_part(root, environment, scratch / "part", work)
    if found is not None:
        return found

    def keep(tool: terraform.Terraform, plan: dict[str, Any]) -> None:
        partial.keep(tool, plan, work, environment)

    return sandbox.plan(
        root / "infra", environment, scratch / "whole", before=calls.ask, after=keep
    )


def _in_part(root: Path, environment: str, scratch: Path, work: Path) -> dict[str, Any] | None:
    """Return the plan of a broken copy by what it changed, or None when the whole is needed."""
    home = Path(os.environ.get(children.HOME, root))
    if home == root:
        return None
    kept = _kept(home, work)
    infra, pristine = root / "infra", home / "infra"
    if kept is None:
        return None
    try:
        if outline.fits(infra, pristine):
            return outline.plan(infra, environment, scratch, kept)
        modules = partial.changed(infra, pristine)
        return partial.plan(infra, environment, scratch, kept, modules) if modules else None
    except Refused:
        # What the rest of the project makes of it is said by a plan of the whole.
        return None


def _kept(home: Path, work: Path) -> Path | None:
    """Return the folder that the fact which fills ``work`` has in the project itself."""
    before = facts.Store(home, facts.declared(home / "controls" / "facts"))
    return before.kept(work.parent.name.rpartition("-")[0])
