"""A private copy of ``infra/`` that is planned with no credentials and no network.

Our Terraform reads no data from AWS, so a plan of an empty state calls nothing; the override file
that is written beside it only keeps the provider from looking for credentials.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redoubt.errors import BadInput
from redoubt.infra import provider, standins, terraform
from redoubt.infra.terraform import Terraform

Before = Callable[[Terraform], None]
After = Callable[[Terraform, dict[str, Any]], None]
ENVIRONMENTS = ("development", "validation", "production")
NOBODY = """\
# Written for a plan without credentials; never part of a project.
provider "aws" {
  access_key                  = "offline"
  secret_key                  = "offline"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
  # Nobody is signed in, so there is no account to compare.
  allowed_account_ids = null
}
"""
OFFLINE = f"""{NOBODY}
terraform {{
  backend "local" {{}}
}}
"""
# Memory for time: a plan then takes nearly half less, and 1.6 GB at most.
HASTE = {"GOGC": "800"}
OVERRIDE = "zz_offline_override.tf"
LEFT = shutil.ignore_patterns(".terraform", "*.tfstate*", "*.tfplan")


@contextmanager
def opened(
    infra: Path, folder: Path, override: str = OFFLINE, extra: Mapping[str, str] | None = None
) -> Iterator[Terraform]:
    """Copy ``infra`` into ``folder``, add the override, initialise, and hand Terraform out.

    The provider that ``init`` checked against the lock file runs until the block ends.
    """
    if not (infra / "main.tf").is_file():
        raise BadInput(f"{infra} holds no main.tf.", remedy="run it in a project's own folder")
    target = folder / "infra"
    copy(infra, target)
    (target / OVERRIDE).write_text(override)
    with terraform.configured(HASTE | dict(extra or {})) as environment:
        tool = Terraform(target, environment)
        tool.run("init", "-input=false", "-no-color", "-lockfile=readonly")
        # Nobody is called, so no CA is needed; and a provider that has one cannot be configured twice.
        environment.pop("AWS_CA_BUNDLE", None)
        with provider.attached(provider.initialised(target), environment) as attached:
            yield Terraform(target, attached)


def copy(source: Path, target: Path) -> None:
    """Copy Terraform files without what a run left behind."""
    shutil.copytree(source, target, ignore=LEFT)


def plan(
    infra: Path,
    environment: str,
    folder: Path,
    *words: str,
    before: Before = lambda tool: None,
    after: After = lambda tool, plan: None,
) -> dict[str, Any]:
    """Return the plan of one environment from an empty state, as Terraform's JSON.

    Identifiers that only AWS would give are stand-ins, so that no policy is unknown. ``before`` and
    ``after`` may add to the scratch copy and look at the plan while Terraform's folder stands.
    """
    if environment not in ENVIRONMENTS:
        raise BadInput(
            f"{environment!r} is no environment.", remedy=f"use one of {', '.join(ENVIRONMENTS)}"
        )
    with opened(infra, folder) as tool:
        standins.write(tool.folder)
        before(tool)
        found = tool.plan("-refresh=false", variables(environment), *words)
        after(tool, found)
        return found


def variables(environment: str) -> str:
    """Return the option that names an environment's own values."""
    return f"-var-file=environments/{environment}.tfvars"
