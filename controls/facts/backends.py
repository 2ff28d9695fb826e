"""The fact ``backends``: where state lies, as it is written: for all environments, and for each."""

from pathlib import Path

from redoubt.infra import written
from redoubt.proof import fact


@fact(reads=["infra/**", "platform/src/redoubt/infra/written.py"])
def backends(root: Path) -> dict[str, dict[str, str]]:
    """Return "all" (the backend's block), "provider", "providers", and each environment's own values."""
    infra = root / "infra"
    providers = written.providers(infra)
    single = len([one for one in providers if "/" not in one]) == 1
    own = sorted((infra / "environments").glob("*.s3.tfbackend"))
    return {
        "all": written.block(infra, 'backend "s3"'),
        "provider": written.block(infra, 'provider "aws"') if single else {},
        "providers": dict(one.split(": ") for one in providers),
    } | {path.name.removesuffix(".s3.tfbackend"): written.arguments(path) for path in own}
