"""The fact ``workbench``: a project folder around the reference model, with keys and an empty MLflow.

It is tier 1 and has no state yet but what `redoubt keys` makes and MLflow's migrated database.
"""

from pathlib import Path

from redoubt.proof import fact
from redoubt.release import keys
from redoubt.settings import Settings
from redoubt.training import tracking

LOCK = "# stands for the hash-pinned files of a real project\n"
PYPROJECT = """\
[project]
name = "workbench"
version = "0.0.0"

[tool.redoubt]
model = "redoubt.profiles.pd.reference.model:MODEL"
"""
PROJECT = """\
name: Workbench
package: workbench
description: The reference model, for proving the machinery
repository: workbench
use_case: credit_default
facts:
  customer_impact: individuals
  financial_exposure: moderate
  autonomy: automatic
  complexity: moderate
override:
rendered_tier: 3
jurisdictions: [eu]
teams:
  model: model-team
  platform: platform-team
  security: security-team
  validators: validators
  approvers: approvers
python: "3.13"
"""


@fact(
    reads=[
        "platform/src/redoubt/digests.py",
        "platform/src/redoubt/files.py",
        "platform/src/redoubt/records.py",
        "platform/src/redoubt/release/issuer.py",
        "platform/src/redoubt/release/keys.py",
        "platform/src/redoubt/settings.py",
        "platform/src/redoubt/signing.py",
        "platform/src/redoubt/training/tracking.py",
    ]
)
def workbench(work: Path) -> None:
    (work / "pyproject.toml").write_text(PYPROJECT)
    (work / "project.yml").write_text(PROJECT)
    (work / "requirements").mkdir()
    (work / "requirements" / "train.txt").write_text(LOCK)
    settings = Settings(root=work)
    keys.create(settings)
    tracking.prepare(settings)
