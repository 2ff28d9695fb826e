"""Write each MATERIAL_* secret into the folder of files, owner-readable only, and end.

MATERIAL_NAMES is a JSON object from file name to the variable that holds the text.
"""

import json
import os
import sys
from pathlib import Path


def main() -> int:
    """Write the files; say which one is missing."""
    folder = Path(os.environ["MATERIAL_FOLDER"])
    os.umask(0o077)
    for name, variable in json.loads(os.environ["MATERIAL_NAMES"]).items():
        text = os.environ.get(variable, "")
        if not text or Path(name).name != name:
            sys.stderr.write(f"{name}: its secret ({variable}) is empty or its name is a path\n")
            return 1
        target = folder / name
        # a task that is started again finds its own read-only file
        target.unlink(missing_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(0o400)
    return 0


if __name__ == "__main__":
    sys.exit(main())
