"""The fact ``backends``: where state lies, as it is written: for all environments, and for each."""

from pathlib import Path

from redoubt.infra import written
from redoubt.proof import fact


@fact(reads=["infra/*.tf", "infra/environments/*", "platform/src/redoubt/infra/written.py"])
def backends(root: Path) -> dict[str, dict[str, str]]:
    """Return "all" (the backend's block), "provider", and an entry for each environment's own values."""
    infra = root / "infra"
    own = sorted((infra / "environments").glob("*.s3.tfbackend"))
    return {
        "all": written.block(infra, 'backend "s3"'),
        "provider": written.block(infra, 'provider "aws"'),
    } | {path.name.removesuffix(".s3.tfbackend"): written.arguments(path) for path in own}
