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
    """Return ``where: "id"`` of what files write, what values give, and what is planned with a known id."""
    brought = set(texts(given(planned, "landing_zone")))
    values = {f"var.{name}": given(planned, name) for name in planned.raw["variables"]}
    values |= {item.address: item.values for item in planned.resources}
    known = [
        f'{where}: "{one}"' for where, value in values.items() for one in texts(value)
        if one not in brought and written.IDENTIFIER.fullmatch(f'"{one}"')
    ]  # fmt: skip
    return written.identifiers(root / "infra") + known
