"""The fact ``planner``: ``planner(environment, work)`` plans this project's ``infra/`` offline.

From an empty state and with no credentials, so it says what would be made, not what stands. In a
broken copy that differs from its project in modules only, those are planned, see `infra/partial.py`.
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

# The folders of copies by a short name, the environment and a scratch folder -> their plans, as far as they go.
Plans = Callable[[dict[str, Path], str, Path], dict[str, dict[str, Any]]]
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
        """Plan the copies in which modules alone are broken, or root files; yield those whose folder is filled."""
        kept = _kept(self.root, next(iter(copies.values()))) if copies else None
        if kept is None:
            return
        pristine = self.root / "infra"
        modules = {
            root: found for root in copies if (found := partial.changed(root / "infra", pristine))
        }
        roots = [root for root in copies if outline.fits(root / "infra", pristine)]
        yield from _filled(
            environments,
            copies,
            list(modules),
            lambda some, name, scratch: partial.plans(
                {tag: (root / "infra", modules[root]) for tag, root in some.items()},
                name,
                scratch,
                kept,
            ),
        )
        yield from _filled(
            environments,
            copies,
            roots,
            lambda some, name, scratch: outline.plans(
                {tag: root / "infra" for tag, root in some.items()}, name, scratch, kept
            ),
        )


def _filled(
    environments: tuple[str, ...], copies: dict[Path, Path], asked: list[Path], plans: Plans
) -> Iterator[Path]:
    """Write the plans of copies in all environments; yield those of which all could be made."""
    for environment in environments:
        found = dict(_found(asked, environment, plans)) if asked else {}
        for root, plan in found.items():
            _write(plan, environment, copies[root])
        asked = [root for root in asked if root in found]
    yield from asked


def _found(
    asked: list[Path], environment: str, plans: Plans
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the plans; one that cannot be planned ends the run of all, so halves are tried then."""
    copies = {f"c{number}": root for number, root in enumerate(asked)}
    with tempfile.TemporaryDirectory(prefix="redoubt-plan-") as scratch:
        try:
            found = plans(copies, environment, Path(scratch))
        except Refused:
            found = {}
            half = len(asked) // 2 or len(asked)
        else:
            half = len(asked)
    yield from ((copies[tag], plan) for tag, plan in found.items())
    if half < len(asked):
        yield from _found(asked[:half], environment, plans)
        yield from _found(asked[half:], environment, plans)


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
