"""A private copy of ``infra/`` that is planned with no credentials and no network.

Our Terraform reads no data from AWS, so a plan of an empty state calls nothing; the override file
that is written beside it only keeps the provider from looking for credentials.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redoubt.errors import BadInput
from redoubt.infra import provider, standins, terraform
from redoubt.infra.terraform import Terraform

ENVIRONMENTS = ("development", "validation", "production")
OFFLINE = """\
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

terraform {
  backend "local" {}
}
"""
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
    (target / "zz_offline_override.tf").write_text(override)
    with terraform.configured(extra) as environment:
        tool = Terraform(target, environment)
        tool.run("init", "-input=false", "-no-color", "-lockfile=readonly")
        with provider.attached(provider.initialised(target), environment) as attached:
            yield Terraform(target, attached)


def copy(source: Path, target: Path) -> None:
    """Copy Terraform files without what a run left behind."""
    shutil.copytree(source, target, ignore=LEFT)


def plan(infra: Path, environment: str, folder: Path, *words: str) -> dict[str, Any]:
    """Return the plan of one environment from an empty state, as Terraform's JSON.

    Identifiers that only AWS would give are stand-ins, so that no policy is unknown.
    """
    if environment not in ENVIRONMENTS:
        raise BadInput(
            f"{environment!r} is no environment.", remedy=f"use one of {', '.join(ENVIRONMENTS)}"
        )
    with opened(infra, folder) as tool:
        standins.write(tool.folder)
        return tool.plan("-refresh=false", variables(environment), *words)


def variables(environment: str) -> str:
    """Return the option that names an environment's own values."""
    return f"-var-file=environments/{environment}.tfvars"
