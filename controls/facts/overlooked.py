"""The fact ``overlooked``: what Terraform is told to overlook when it changes, as (file, attributes).

A file that this cannot read may say so as well, so it is named with no attribute.
"""

import re
from pathlib import Path

from redoubt.infra import written
from redoubt.proof import fact

IGNORED = re.compile(r"\bignore_changes\s*=\s*(\[[^\]]*\]|\w+)")
# The team's own resources are no control's.
TEAM = "team.tf"


@fact(reads=["infra/**", "platform/src/redoubt/infra/written.py"])
def overlooked(root: Path) -> set[tuple[str, str]]:
    infra = root / "infra"
    return {(name, "") for name in written.unread(infra)} | {
        (str(path.relative_to(infra)), " ".join(what.split()))
        for path in infra.rglob("*.tf") if path != infra / TEAM and ".terraform" not in path.parts
        for what in IGNORED.findall(path.read_text())
    }  # fmt: skip
