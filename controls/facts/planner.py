"""The fact ``planner``: ``planner(environment, work)`` plans this project's ``infra/`` offline.

From an empty state and with no credentials, so it says what would be made, not what stands. In a
broken copy that differs from its project in modules only, those are planned, see `infra/partial.py`.
"""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redoubt.errors import Refused, Unavailable
from redoubt.infra import calls, partial, sandbox, terraform
from redoubt.proof import NotEvaluated, children, fact, facts

REMEDY = (
    "install Terraform, and give it the provider: an internet connection, or a folder filled by "
    f"`terraform providers mirror FOLDER` and named in {terraform.MIRROR}"
)


@fact(
    reads=[
        "infra/**",
        "platform/src/redoubt/digests.py",
        "platform/src/redoubt/files.py",
        "platform/src/redoubt/infra/calls.py",
        "platform/src/redoubt/infra/partial.py",
        "platform/src/redoubt/infra/provider.py",
        "platform/src/redoubt/infra/sandbox.py",
        "platform/src/redoubt/infra/standins.py",
        "platform/src/redoubt/infra/terraform.py",
        "platform/src/redoubt/proof/children.py",
        "platform/src/redoubt/proof/facts.py",
    ]
)
def planner(root: Path) -> Callable[[str, Path], None]:
    # Rooms run without the settings of who started them, but the provider lies where he says.
    outer = json.loads(os.environ.get(children.OUTER, "{}"))
    if terraform.MIRROR in outer:
        os.environ[terraform.MIRROR] = outer[terraform.MIRROR]

    def plan(environment: str, work: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="redoubt-plan-") as scratch:
            try:
                found = _plan(root, environment, Path(scratch), work)
            except Unavailable as error:
                raise NotEvaluated(error.message, remedy=REMEDY) from error
            except Refused as error:
                if "Failed to query available provider packages" not in error.message:
                    raise
                raise NotEvaluated("The AWS provider is out of reach.", remedy=REMEDY) from error
        (work / f"{environment}.json").write_text(json.dumps(found))

    return plan


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
    """Return the plan of a broken copy by its changed modules, or None when the whole is needed."""
    home = Path(os.environ.get(children.HOME, root))
    if home == root:
        return None
    before = facts.Store(home, facts.declared(home / "controls" / "facts"))
    kept = before.kept(work.parent.name.rpartition("-")[0])
    modules = partial.changed(root / "infra", home / "infra")
    if kept is None or modules is None:
        return None
    try:
        return partial.plan(root / "infra", environment, scratch, kept, modules)
    except Refused:
        # What the rest of the project makes of it is said by a plan of the whole.
        return None
