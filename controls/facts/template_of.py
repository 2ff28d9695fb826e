"""The fact ``template_of``: makes a tiny template with some controls, and a lock of before."""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from redoubt.proof import fact, lock

OWNERSHIP = "paths:\n  - {path: /controls/, class: P}\n"
ROOM = """\
{{id: {id}, title: A room, state: active, objective: It holds., tiers: {{1: blocking, 2: blocking, 3: blocking}},
 threats: [], references: {{}}, limits: It is tiny., remedy: None needed., requirements: []}}
"""


@fact(reads=["platform/src/redoubt/proof/lock.py", "platform/src/redoubt/proof/rooms.py"])
def template_of(tmp_path_factory) -> Callable[..., Path]:
    def make(controls: Sequence[str], before: Sequence[str] = ()) -> Path:
        root = Path(tempfile.mkdtemp(dir=tmp_path_factory.getbasetemp()))
        (root / "template").mkdir()
        (root / "ownership.yml").write_text(OWNERSHIP)
        for name in controls:
            folder = root / "controls" / f"{name}-a-room"
            folder.mkdir(parents=True)
            (folder / "control.yml").write_text(ROOM.format(id=name))
        (root / "template" / "controls").symlink_to("../controls")
        if before:
            content: dict[str, object] = {"files": {}, "controls": {name: {} for name in before}}
            (root / lock.NAME).write_text(json.dumps(content))
        return root

    return make
