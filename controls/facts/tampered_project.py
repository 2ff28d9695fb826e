"""The fact ``tampered_project``: the locked project with a file edited, one missing and some extra.

In ``with_lock`` the edit of a single value was put into the lock as well.
"""

import json
import shutil
from pathlib import Path

from redoubt import digests
from redoubt.proof import fact, lock


@fact(reads=["platform/src/redoubt/proof/lock.py", "platform/src/redoubt/digests.py"])
def tampered_project(locked_project: Path, work: Path) -> None:
    plain = shutil.copytree(locked_project, work / "plain")
    (plain / "controls" / "NET-01-a" / "control.yml").write_text("id: NET-02\n")
    (plain / "platform" / "b.py").unlink()
    (plain / "platform" / "c.py").write_text("")
    (plain / "platform" / "d").write_text("")
    edited = shutil.copytree(locked_project, work / "with_lock")
    (edited / "platform" / "b.py").write_text("limit = 0.0\n")
    (edited / "platform" / "c.py").write_text("")
    (edited / "controls" / "NET-02-b" / "control.yml").unlink()
    value = json.loads((edited / lock.NAME).read_text())
    value["files"]["platform/b.py"] = digests.digest_file(edited / "platform" / "b.py")
    (edited / lock.NAME).write_text(json.dumps(value))
