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
# A value of its own: what stands inside one is indented, as `terraform fmt` writes it.
ASSIGNED = re.compile(r"([A-Za-z_][\w-]*)\s*=\s*([^#]*)")


def plan(
    root: Path, state: Path, environment: str, *, offline: bool
) -> tuple[Path, dict[str, Any]]:
    """Write the plan and its summary; return where, and the plan as JSON.

    Raises BadInput while an answer is still a placeholder or the values are of another environment,
    Unavailable without Terraform, Refused with Terraform's own words when it cannot plan.
    """
    place = state / "plans" / environment
    place.mkdir(parents=True, exist_ok=True)
    if offline:
        require_own(root, environment)
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

    Raises BadInput while an answer is still a placeholder, or the values are of another environment.
    """
    require_own(root, environment)
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
    for number, mark, line in marks(root, environment):
        raise BadInput(
            f"environments/{environment}.tfvars line {number} holds the placeholder {mark!r}: {line}",
            remedy="give the bank's own value there; `--offline` plans without it",
        )


def require_real_answers(root: Path, environment: str) -> None:
    """Refuse an account or organisation that is the template's. Raises BadInput naming it."""
    for refusal in left(root, environment):
        raise refusal


def left(root: Path, environment: str) -> Iterator[BadInput]:
    """Yield a refusal of each answer that is still the template's."""
    given = answers(root)
    seen = {
        "accounts": (given["accounts"][environment], f"aws_account_{environment}"),
        "organisation_id": (given["organisation_id"], "aws_organisation"),
    }
    for name, (value, question) in seen.items():
        if value in PLACEHOLDERS[name]:
            yield BadInput(
                f"{name}={value!r} is the template's placeholder.",
                remedy=f"answer with your own: `copier update --data {question}=…`; "
                "`--offline` plans without it",
            )


def marks(root: Path, environment: str) -> Iterator[tuple[int, str, str]]:
    """Yield line number, placeholder and line of each value that is still the template's."""
    for number, line in enumerate(_values(root, environment).read_text().splitlines(), 1):
        # A comment explains; a hash or // inside a string is part of a value.
        mark = None if line.lstrip().startswith(("#", "//")) else MARKS.search(line)
        if mark:
            yield number, mark[0], line.strip()


def require_own(root: Path, environment: str) -> None:
    """Refuse values of another environment, and a name that no variable has.

    Terraform plans both: the first is somebody else's account, the second only a warning. Raises
    BadInput naming the line.
    """
    path = _values(root, environment)
    every = "".join(file.read_text() for file in (root / "infra").glob("*.tf"))
    declared = set(re.findall(r'^variable\s+"([\w-]+)"', every, re.M))
    for number, line in enumerate(path.read_text().splitlines(), 1):
        given = ASSIGNED.match(line)
        where = f"environments/{path.name} line {number}"
        if given and given[1] not in declared:
            raise BadInput(
                f"{where} sets {given[1]!r}, which is no variable.",
                remedy="correct the name: those that there are stand in infra/variables.tf",
            )
        if given and given[1] == "environment" and given[2].strip() != f'"{environment}"':
            raise BadInput(
                f"{where} says {line.strip()}.", remedy=f'write environment = "{environment}" there'
            )


def _values(root: Path, environment: str) -> Path:
    path = root / "infra" / "environments" / f"{environment}.tfvars"
    if not path.is_file():
        raise BadInput(
            f"environments/{path.name} is not there.", remedy="restore it: `git checkout infra`"
        )
    return path
