"""The fact ``unverified``: where this project's code, machines and pipelines take any certificate."""

from pathlib import Path

from redoubt.infra import plaintext
from redoubt.proof import fact


@fact(reads=[
    "*.py", "ci/**", "conf/**", "infra/**", "platform/src/**", "src/**",
])  # fmt: skip
def unverified(root: Path) -> list[str]:
    return plaintext.found(root)
