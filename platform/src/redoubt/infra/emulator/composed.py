"""A private copy of ``infra/`` that is applied to an AWS emulator: overrides, given values, options."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from redoubt.infra import sandbox
from redoubt.infra.emulator import gaps as lacking
from redoubt.infra.emulator.gaps import Gap

OVERRIDE = """\
# Written for an AWS emulator; never part of a project. The emulator has the environment's own account id,
# so allowed_account_ids holds as it stands.
provider "aws" {
  s3_use_path_style           = true
  max_retries                 = 4
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

terraform {
  backend "local" {}
}
"""
GIVEN = "zz_given.tfvars.json"
WIDTH = 30  # resources at once: the emulator answers fast, and the provider mostly waits
AT_ONCE = f"-parallelism={WIDTH}"


def prepare(infra: Path, folder: Path, given: Mapping[str, Any], gaps: Iterable[Gap]) -> Path:
    """Copy ``infra`` into ``folder`` and write what the emulator needs beside it; return the copy."""
    target = folder / "infra"
    sandbox.copy(infra, target)
    (target / "zz_emulator_override.tf").write_text(OVERRIDE)
    rewrite(target, given, gaps)
    return target


def rewrite(target: Path, given: Mapping[str, Any], gaps: Iterable[Gap]) -> None:
    """Write the overrides and values of these gaps, in place of what stood there."""
    entries = list(gaps)
    lacking.write(target, entries)
    (target / GIVEN).write_text(json.dumps({**given, **lacking.variables(entries)}))


def values(environment: str) -> list[str]:
    """Return the files of values, the emulator's last, so that they win."""
    return [f"environments/{environment}.tfvars", GIVEN]
