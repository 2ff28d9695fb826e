"""The fact ``network_ids``: where Terraform names a part of a network by an id, so that no plan can judge it."""

from pathlib import Path

from redoubt.infra import written
from redoubt.proof import fact


@fact(reads=["infra/**", "platform/src/redoubt/infra/written.py"])
def network_ids(root: Path) -> list[str]:
    return written.identifiers(root / "infra")
