"""The fact ``resource_types``: every type of resource that the Terraform text writes, in any environment."""

from pathlib import Path

from redoubt.infra import written
from redoubt.proof import fact


@fact(reads=["infra/**", "platform/src/redoubt/infra/written.py"])
def resource_types(root: Path) -> set[str]:
    return written.types(root / "infra")
