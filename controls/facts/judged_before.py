"""The fact ``judged_before``: settings of a project whose history knows two controls, and their ids.

The newest run had lost the first of them already.
"""

from pathlib import Path

from redoubt.proof import evidence, fact
from redoubt.settings import Settings


@fact(reads=["platform/src/redoubt/proof/evidence.py", "platform/src/redoubt/chain.py"])
def judged_before(tmp_path_factory) -> tuple[Settings, list[str]]:
    root: Path = tmp_path_factory.mktemp("judged")
    settings = Settings(root=root)
    seen = ["NET-01", "NET-02"]
    for known in (seen, seen[1:]):
        evidence.close(evidence.Occasion.begin(settings, "verify", []), [], {}, known)
    return settings, seen
