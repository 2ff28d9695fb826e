"""`redoubt plan`: a plan of one environment, kept under ``var/plans`` with its summary."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redoubt import files
from redoubt.errors import BadInput
from redoubt.infra import sandbox, summary, terraform
from redoubt.infra.terraform import Terraform

# control: NET-06
PLACEHOLDERS = {
    "accounts": ("111122223333", "444455556666", "777788889999"),
    "organisation_id": ("o-placeholder0",),
}
# What environments/*.tfvars holds until the bank's own values stand there.
# control: NET-06
MARKS = re.compile(
    r"placeholder"
    r"|:0{12}:"  # an account
    r"|(?<![0-9a-f])0{64}"  # the digest of an image or a file
    r"|ami-0{8,17}(?![0-9a-f])"  # a machine image
    r"|[./\w-]+\.example(?![\w.-])"  # a name that never resolves
    r"|pl-0{8,17}(?![0-9a-f])"  # a prefix list
    r"|192\.0\.2\.0/24"  # a range that is kept for documentation
)


def plan(
    root: Path, state: Path, environment: str, *, offline: bool
) -> tuple[Path, dict[str, Any]]:
    """Write the plan and its summary; return where, and the plan as JSON.

    Raises BadInput while an answer is still a placeholder, Unavailable without Terraform, Refused
    with Terraform's own words when it cannot plan.
    """
    place = state / "plans" / environment
    place.mkdir(parents=True, exist_ok=True)
    if offline:
        with tempfile.TemporaryDirectory(prefix="redoubt-plan-") as work:
            found = sandbox.plan(root / "infra", environment, Path(work))
    else:
        with signed_in(root, environment) as tool:
            found = tool.plan(sandbox.variables(environment), name=str(place / "plan.tfplan"))
    files.write_text(place / "plan.json", json.dumps(found))
    files.write_text(place / "summary.txt", "\n".join(summary.lines(found)) + "\n")
    return place, found


@contextmanager
def signed_in(root: Path, environment: str) -> Iterator[Terraform]:
    """Hand out Terraform on the environment's own state, with the caller's credentials.

    Raises BadInput while an answer is still a placeholder.
    """
    require_real(root, environment)
    with terraform.configured() as environ:
        tool = Terraform(root / "infra", environ)
        backend = f"-backend-config=environments/{environment}.s3.tfbackend"
        tool.run("init", "-input=false", "-no-color", "-lockfile=readonly", "-reconfigure", backend)
        yield tool


def answers(root: Path) -> dict[str, Any]:
    """Return what the questions gave the cloud. Raises BadInput when the file is missing."""
    path = root / "infra" / "project.auto.tfvars.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{path.name} cannot be read.", remedy="restore it: `git checkout infra`"
        ) from error
    return found


def require_real(root: Path, environment: str) -> None:
    """Refuse to plan with a placeholder. Raises BadInput naming the answer, or the line, and the value."""
    require_real_answers(root, environment)
    _require_real_values(root, environment)


def require_real_answers(root: Path, environment: str) -> None:
    """Refuse an account or organisation that is the template's. Raises BadInput naming it."""
    given = answers(root)
    seen = {"accounts": given["accounts"][environment], "organisation_id": given["organisation_id"]}
    for name, value in seen.items():
        if value in PLACEHOLDERS[name]:
            raise BadInput(
                f"{name}={value!r} is the template's placeholder.",
                remedy="answer with your own: `copier update --data …`; `--offline` plans without it",
            )


def _require_real_values(root: Path, environment: str) -> None:
    path = root / "infra" / "environments" / f"{environment}.tfvars"
    for number, line in enumerate(path.read_text().splitlines(), 1):
        # A comment explains; a hash or // inside a string is part of a value.
        mark = None if line.lstrip().startswith(("#", "//")) else MARKS.search(line)
        if mark:
            raise BadInput(
                f"environments/{path.name} line {number} holds the placeholder {mark[0]!r}: {line.strip()}",
                remedy="give the bank's own value there; `--offline` plans without it",
            )
