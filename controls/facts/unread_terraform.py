"""The fact ``unread_terraform``: files of Terraform that checks of its text would pass over."""

from pathlib import Path

from redoubt.infra import written
from redoubt.proof import fact


@fact(reads=["infra/**", "platform/src/redoubt/infra/written.py"])
def unread_terraform(root: Path) -> list[str]:
    return written.unread(root / "infra")
