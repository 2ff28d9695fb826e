"""The fact ``stood_in``: identifiers for which a plan has a stand-in, and whose own text is not the expected one."""

from pathlib import Path

from redoubt.infra import standins
from redoubt.proof import fact


@fact(
    reads=[
        "infra/**",
        "platform/src/redoubt/infra/standins.py",
        "platform/src/redoubt/infra/written.py",
    ]
)
def stood_in(root: Path) -> dict[str, list[str]]:
    """Return ``module: name`` -> the expressions that stand there."""
    return standins.strange(root / "infra")
