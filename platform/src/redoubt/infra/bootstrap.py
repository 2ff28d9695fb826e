"""`redoubt bootstrap`: the first state of an account, made with a local state and moved into its own bucket.

The same command finishes what a crash left: it first looks for the state in the bucket, then beside itself,
and takes over what an interrupted run had created but not yet written down.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from redoubt import files
from redoubt.errors import BadInput, Refused
from redoubt.infra import planning, sandbox, terraform
from redoubt.infra.terraform import Terraform

Say = Callable[[str], None]
SHORT = {"development": "dev", "validation": "val", "production": "prod"}
# A backend's values come by -backend-config, so the file only says which backend it is.
REMOTE = 'terraform {\n  backend "s3" {}\n}\n'
KEPT = "before-migration.tfstate"


def bootstrap(
    root: Path, state: Path, environment: str, administrators: Sequence[str], say: Say = print
) -> Path:
    """Make or mend the state's home of one environment; return the backend's file for Terraform.

    Raises BadInput for a placeholder or a missing administrator, Refused with Terraform's own words,
    Unavailable without Terraform. Nothing is lost on any of them: run the same command again.
    """
    given = values(root, environment, administrators)
    folder = state / "bootstrap" / environment
    _synchronise(root / "infra", folder)
    files.write_text(folder / "bootstrap" / "answers.auto.tfvars.json", json.dumps(given))
    with terraform.configured() as environ:
        tool = Terraform(folder / "bootstrap", environ)
        if _in_the_bucket(tool, given):
            say("the state lies in its bucket; looking whether anything changed")
            _apply(tool, given)
        else:
            say("no state in the bucket: working with a local one")
            _local(tool)
            _apply(tool, given)
            say("moving the local state into the bucket")
            _migrate(tool)
        backend = _backend(tool)
    path = root / "infra" / "environments" / f"{environment}.s3.tfbackend"
    files.write_text(path, written(backend))
    return path


def values(root: Path, environment: str, administrators: Sequence[str]) -> dict[str, Any]:
    """Return the variables of the bootstrap from the answers and the environment's own values.

    Raises BadInput while the account, the organisation or the installer's role is a placeholder.
    """
    planning.require_real_answers(root, environment)
    if not administrators:
        raise BadInput(
            "nobody administers the state's key.",
            remedy="name an existing role: --administrator arn:aws:iam::ACCOUNT:role/NAME",
        )
    answers = planning.answers(root)
    account = answers["accounts"][environment]
    return {
        "account_id": account, "region": answers["region"], "administrators": list(administrators),
        "organisation_id": answers["organisation_id"],
        "prefix": f"{answers['prefix']}-{SHORT[environment]}",
        "users": [f"arn:aws:iam::{account}:role/{_installer(root, environment)}"],
    }  # fmt: skip


def written(backend: dict[str, Any]) -> str:
    """Return a backend's values as a .tfbackend file."""
    lines = ["# Written by `redoubt bootstrap`; commit it. It holds no secret."]
    for name, value in sorted(backend.items()):
        text = json.dumps(value) if not isinstance(value, dict) else (
            "{ " + ", ".join(f"{key} = {json.dumps(item)}" for key, item in value.items()) + " }"
        )  # fmt: skip
        lines.append(f"{name} = {text}")
    return "\n".join(lines) + "\n"


def _installer(root: Path, environment: str) -> str:
    path = root / "infra" / "environments" / f"{environment}.tfvars"
    found = re.search(r'^installer_role\s*=\s*"([^"]+)"', path.read_text(), re.M)
    if found is None or planning.MARKS.search(found[1]):
        raise BadInput(
            f"installer_role of environments/{path.name} is {found[1] if found else 'missing'!r}.",
            remedy="give the name of the role that plans and applies in this account",
        )
    return found[1]


def _synchronise(source: Path, folder: Path) -> None:
    """Bring the Terraform files up to date and leave every state where it is."""
    for name in ("bootstrap", "modules"):
        shutil.copytree(source / name, folder / name, ignore=sandbox.LEFT, dirs_exist_ok=True)


def _in_the_bucket(tool: Terraform, given: dict[str, Any]) -> bool:
    """Tell whether the bucket holds this bootstrap's state; if so, Terraform now works with it."""
    (tool.folder / "backend.tf").write_text(REMOTE)
    place = f"{given['prefix']}-state-{given['account_id']}"
    role = f"arn:aws:iam::{given['account_id']}:role/{given['prefix']}-state"
    found = {"bucket": place, "key": f"{given['prefix']}/bootstrap.tfstate",
             "region": given["region"], "assume_role": {"role_arn": role}}  # fmt: skip
    if _init(tool, found, "-reconfigure").returncode:
        return False
    held = _pull(tool)
    if not held.get("resources"):
        return False
    # What is written from now on names the key.
    whole = held["outputs"]["backend"]["value"] | {"key": found["key"]}
    done = _init(tool, whole, "-reconfigure")
    if done.returncode:
        raise terraform.refused(done)
    return True


def _local(tool: Terraform) -> None:
    (tool.folder / "backend.tf").unlink(missing_ok=True)
    # What Terraform remembers of the bucket: without a backend, -reconfigure would not forget it.
    (tool.folder / ".terraform" / "terraform.tfstate").unlink(missing_ok=True)
    kept, state = tool.folder / KEPT, tool.folder / "terraform.tfstate"
    if kept.exists() and not _resources(state):
        # A crash came between emptying the local state and finding the other: begin from the copy.
        shutil.copyfile(kept, state)
    tool.run("init", "-input=false", "-no-color", "-lockfile=readonly", "-reconfigure")


def _apply(tool: Terraform, given: dict[str, Any]) -> None:
    words = ("apply", "-input=false", "-no-color", "-auto-approve")
    done = tool.done(*words)
    if done.returncode and _adopted(tool, given):
        done = tool.done(*words)
    if done.returncode:
        raise terraform.refused(done)


def _adopted(tool: Terraform, given: dict[str, Any]) -> bool:
    """Take over what an interrupted run created and did not write down; tell whether there was any."""
    name = f"{given['prefix']}-state"
    places = {
        "module.state.aws_iam_role.this": name,
        "module.state.module.bucket.aws_s3_bucket.this": f"{name}-{given['account_id']}",
        "module.state.module.access_logs.aws_s3_bucket.this": f"{name}-logs-{given['account_id']}",
    }
    known = set(tool.done("state", "list").stdout.split())
    found = [
        tool.done("import", "-input=false", "-no-color", address, identifier).returncode == 0
        for address, identifier in places.items() if address not in known
    ]  # fmt: skip
    return any(found)


def _migrate(tool: Terraform) -> None:
    """Move the local state into the bucket, and look that it arrived whole."""
    before = json.loads((tool.folder / "terraform.tfstate").read_text())
    shutil.copyfile(tool.folder / "terraform.tfstate", tool.folder / KEPT)
    backend = before["outputs"]["backend"]["value"]
    key = before["outputs"]["bootstrap_key"]["value"]
    (tool.folder / "backend.tf").write_text(REMOTE)
    done = _init(tool, backend | {"key": key}, "-migrate-state", "-force-copy")
    if done.returncode:
        raise terraform.refused(done)
    after = _pull(tool)
    if after["resources"] != before["resources"]:
        raise Refused(
            "the state in the bucket is not the one that was moved.",
            remedy=f"compare it with {KEPT} in {tool.folder}, which is whole",
        )


def _init(tool: Terraform, backend: dict[str, Any], *words: str) -> Any:
    path = tool.folder / "backend.tfbackend"
    path.write_text(written(backend))
    return tool.done("init", "-input=false", "-no-color", "-lockfile=readonly",
                     f"-backend-config={path.name}", *words)  # fmt: skip


def _backend(tool: Terraform) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(tool.run("output", "-json", "backend"))
    return found


def _pull(tool: Terraform) -> dict[str, Any]:
    text = tool.done("state", "pull").stdout
    found: dict[str, Any] = json.loads(text) if text.strip() else {}
    return found


def _resources(path: Path) -> bool:
    return path.exists() and bool(json.loads(path.read_text() or "{}").get("resources"))
