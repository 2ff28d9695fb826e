"""The fact ``relocked``: what the lock of a small project says of files that were edited afterwards.

The project is what a small template locks: a room, and a platform file that keeps two controls.
"""

import json
import shutil
from pathlib import Path

from redoubt.proof import fact, lock

TEXTS = {
    "controls/NET-01-a/verify.py": "assert True\n",
    "platform/guard.py": "# control: SRV-03\nlimit = 0.7\n# control: MON-01\nshown = False\n",
    "platform/plain.py": "words = 'nothing'\n",
    "infra/modules/network/vpc.tf": "# control: NET-01\nlocals {}\n",
}
OWNED = "paths:\n" + "".join(
    f"  - {{path: /{name}/, class: P}}\n" for name in ("controls", "infra", "platform")
)


@fact(
    reads=[
        "platform/src/redoubt/digests.py",
        "platform/src/redoubt/files.py",
        "platform/src/redoubt/proof/lock.py",
        "platform/src/redoubt/proof/results.py",
    ]
)
def relocked(tmp_path_factory) -> dict[str, str]:
    """Return file -> what is said when it is edited; "" -> what is said when nothing is."""
    release = tmp_path_factory.mktemp("release")
    (release / "ownership.yml").write_text(OWNED)
    for name, text in TEXTS.items():
        (release / "template" / name).parent.mkdir(parents=True, exist_ok=True)
        (release / "template" / name).write_text(text)
    project = Path(shutil.copytree(release / "template", release / "project"))
    (project / lock.NAME).write_text(json.dumps(lock.build(release)))
    said = {"": " ".join(item.message for item in lock.check(project))}
    for name, text in TEXTS.items():
        # Whoever edits a line takes its mark away as well.
        (project / name).write_text("edited\n")
        said[name] = " ".join(item.message for item in lock.check(project))
        (project / name).write_text(text)
    return said
