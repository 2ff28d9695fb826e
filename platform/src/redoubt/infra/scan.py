"""Runs checkov over Terraform files and over a plan, and says what it found, whatever it was told to skip.

checkov is no library of ours: it stands in an environment of its own, because it pins what the work
needs newer. Three of its habits would hide a finding, and none is taken on trust here: comments that
skip are cut out of a private copy first, a check that breaks down is an error, and settings of the
person who runs it are out of reach.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redoubt.errors import Refused
from redoubt.infra import sandbox
from redoubt.infra.reading import INDEX
from redoubt.infra.skips import OBEYED, Finding

POLICIES = Path("policies")
CONFIG = ".checkov.yaml"
SECONDS = 600.0
# Our policies are modules in the folder that is scanned: no byte code is left there.
OWN = {"LOG_LEVEL": "WARNING", "PYTHONDONTWRITEBYTECODE": "1"}
ADDRESS = re.compile(r"(?P<place>(?:module\.[\w-]+\.)*)(?P<name>(?:data\.)?[\w-]+(?:\.[\w-]+)?)")
# checkov goes on without a check that raised, or a policy that it could not load.
BROKEN = ("Failed to run check", "Cannot load external check", "Traceback")


@dataclass(frozen=True)
class Report:
    """What one scan found: resources seen, checks passed, and each failed check on each resource."""

    resources: int
    passed: int
    skipped: int
    failed: tuple[Finding, ...]


def files(checkov: Path, infra: Path, work: Path, *words: str) -> Report:
    """Scan the Terraform files below ``infra``, in a copy under ``work`` without comments that skip.

    Raises Refused when checkov cannot read a file or run a check.
    """
    bare(infra, work / "infra")
    policies = work / "infra" / POLICIES
    own = [f"--external-checks-dir={policies}"] if policies.is_dir() else []
    found = report(checkov, work, "--directory=infra", "--framework=terraform", *own, *words)
    return _report(found, lambda item: _folder(item["file_path"]))


def plan(checkov: Path, planned: Mapping[str, Any], policies: Path, work: Path) -> Report:
    """Scan a plan, given as the JSON of ``terraform show``. Raises Refused as :func:`files` does."""
    path = work / "plan.json"
    path.write_text(json.dumps(planned))
    places = dict(_sources(planned["configuration"]["root_module"], "", ""))
    found = report(
        checkov, work, f"--file={path}", "--framework=terraform_plan",
        f"--external-checks-dir={policies}",
    )  # fmt: skip
    return _report(found, lambda item: places[_address(item["resource"])["place"].rstrip(".")])


def bare(infra: Path, target: Path) -> None:
    """Copy Terraform files without a line that tells a scanner to skip, and without its settings."""
    sandbox.copy(infra, target)
    (target / CONFIG).unlink(missing_ok=True)
    for path in [*target.rglob("*.tf"), *target.rglob("*.hcl")]:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join("\n" if OBEYED.search(line) else line for line in lines))


def report(checkov: Path, folder: Path, *words: str) -> dict[str, Any]:
    """Run checkov in a folder and return its JSON. Raises Refused when it did not do all of its work."""
    environment = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("BC_", "CHECKOV_", "CKV_", "PRISMA_", "PYTHON"))
    }  # fmt: skip
    done = subprocess.run(
        [str(checkov), "--skip-download", "--compact", "--output=json", *words],
        cwd=folder, env=environment | OWN | {"HOME": str(folder)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    broken = [line for line in done.stderr.splitlines() if any(sign in line for sign in BROKEN)]
    if done.returncode not in (0, 1) or broken:
        said = "\n".join(broken or done.stderr.splitlines()[-5:])
        raise Refused(
            f"checkov did not do its work (exit code {done.returncode}):\n{said}",
            remedy="mend the policy or the file that it names",
        )
    found: dict[str, Any] = json.loads(done.stdout)
    if "results" not in found:  # Its answer when there is nothing to scan.
        raise Refused("checkov found nothing to scan.", remedy="look at the folder's *.tf files")
    if found["summary"]["parsing_errors"]:
        raise Refused(
            f"checkov cannot read {found['results']['parsing_errors']}.",
            remedy="mend the file, or leave it out of infra/",
        )
    return found


def _report(found: Mapping[str, Any], folder: Callable[[dict[str, Any]], str]) -> Report:
    total, results = found["summary"], found["results"]
    failed = []
    for item in results["failed_checks"]:
        address = _address(item["resource"])
        place = folder(item)
        written = f"{place}/{address['name']}" if place else address["name"]
        failed.append(Finding(item["check_id"], written, address[0]))
    return Report(total["resource_count"], total["passed"], total["skipped"], tuple(failed))


def _address(resource: str) -> re.Match[str]:
    """Return the parts of a resource's address. Raises Refused on one of a form that we do not know."""
    found = ADDRESS.fullmatch(INDEX.sub("", resource))
    if found is None:
        raise Refused(f"checkov names {resource!r}, which is no address.", remedy="see ADDRESS")
    return found


def _folder(path: str) -> str:
    """Return the folder of a file as skips name it: ``/modules/bucket/bucket.tf`` is ``bucket``."""
    return posixpath.dirname(path).strip("/").removeprefix("infra/").removeprefix("modules/")


def _sources(module: Mapping[str, Any], address: str, source: str) -> Iterator[tuple[str, str]]:
    """Yield (address of a module call without indexes, folder of the module), the root first."""
    yield address, source.removeprefix("modules/")
    for name, call in module.get("module_calls", {}).items():
        below = f"{address}.module.{name}" if address else f"module.{name}"
        folder = posixpath.normpath(posixpath.join(source, call["source"]))
        yield from _sources(call["module"], below, folder)
