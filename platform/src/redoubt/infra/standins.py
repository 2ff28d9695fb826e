"""What an offline plan writes where only AWS knows an identifier, so that every policy can be read.

A plan shows nothing of a policy that names one key which does not exist yet. Each entry is an
override file of one module: Terraform reads it beside the module, in a scratch copy only.
"""

from __future__ import annotations

from pathlib import Path

NAME = "zz_standins_override.tf"
# Module -> HCL. A key's ARN ends with its purpose, so that a policy still says whose key it names.
STAND_INS = {
    "keys": """\
output "key_arns" {
  value = {
    for purpose in keys(var.purposes) : purpose =>
    "arn:${var.partition}:kms:${var.region}:${var.account_id}:key/${purpose}"
  }
}
""",
    "network": """\
output "endpoint_ids" {
  value = { for service in var.services : service => "vpce-${service}" }
}
""",
    "registry": """\
output "repository_arns" {
  value = {
    for name in keys(var.repositories) : name =>
    "arn:${var.partition}:ecr:${split(":", var.key_arn)[3]}:${var.account_id}:repository/${var.prefix}-${name}"
  }
}
""",
    "secrets": """\
locals {
  _addresses = { for node in keys(local.nodes) : node => "node-${node}.offline" }
  _volumes   = { for node in keys(local.nodes) : node => "vol-${node}" }
}
""",
    "serving": """\
locals {
  _every_method = "arn:${var.partition}:execute-api:${var.region}:${var.account_id}:serving/*"
}
""",
    "tracking": """\
locals {
  master_secret = "arn:${var.partition}:secretsmanager:${var.region}:${var.account_id}:secret:rds!master"
  _database     = "database.offline"
}
""",
}


def write(infra: Path) -> None:
    """Write the stand-ins into a private copy of ``infra/``; a module that is not there needs none."""
    for module, text in STAND_INS.items():
        folder = infra / "modules" / module
        if folder.is_dir():
            (folder / NAME).write_text(text)
