"""The fact ``locked_project``: a tiny project with a lock over its two platform folders."""

import json
from pathlib import Path

from redoubt import digests
from redoubt.proof import fact, lock


@fact(
    reads=[
        "platform/src/redoubt/digests.py",
        "platform/src/redoubt/files.py",
        "platform/src/redoubt/proof/*.py",
        "platform/src/redoubt/records.py",
    ]
)
def locked_project(work: Path) -> None:
    texts = {
        "controls/NET-01-a/control.yml": "id: NET-01\n",
        "controls/NET-02-b/control.yml": "id: NET-02\n",
        "platform/b.py": "limit = 0.7\n",
    }
    for name, text in texts.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text)
    content = {
        "release": "1.0.0",
        "controls": {"NET-01": {}, "NET-02": {}},
        "closed": ["controls/", "platform/"],
        "open": ["controls/waivers.yml"],
        "files": {name: digests.digest(text.encode()) for name, text in texts.items()},
    }
    (work / lock.NAME).write_text(json.dumps(content))
    (work / "controls" / "waivers.yml").write_text("waivers: []\n")
