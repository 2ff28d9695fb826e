"""The fact ``network_ids``: where a part of a network is named by an id, so that no plan can judge it."""

from pathlib import Path

from redoubt.infra import written
from redoubt.infra.reading import Plan, texts
from redoubt.infra.separation import given
from redoubt.proof import fact


@fact(
    reads=[
        "infra/**",
        "platform/src/redoubt/infra/reading.py",
        "platform/src/redoubt/infra/separation.py",
        "platform/src/redoubt/infra/written.py",
    ]
)
def network_ids(root: Path, planned: Plan) -> list[str]:
    """Return ``where: "id"`` of what files write, and of what is planned with an id that is known before."""
    brought = set(texts(given(planned, "landing_zone")))
    known = [
        f'{item.address}: "{one}"' for item in planned.resources for one in texts(item.values)
        if one not in brought and written.IDENTIFIER.fullmatch(f'"{one}"')
    ]  # fmt: skip
    return written.identifiers(root / "infra") + known
