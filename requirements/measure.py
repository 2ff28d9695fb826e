"""Measure what a project's environments cost and record it in template/requirements/sizes.json."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "platform" / "src"))

from redoubt.workshop import environments, indexes, pins  # noqa: E402  (found by the line above)

FOLDER = ROOT / "template" / "requirements"


def megabytes(folder: Path) -> int:
    """Return the size of all files in a folder in MB (10^6 bytes), rounded up."""
    total = sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
    return -(-total // 10**6)


def files(name: str) -> list[Path]:
    """Return the pinned files of an environment."""
    return [FOLDER / f"{part}.txt" for part in environments.FILES[name]]


def measure(name: str) -> dict[str, int]:
    """Download the wheels of an environment and install them; return what both weigh."""
    pinned = [f"--requirement={path}" for path in files(name)]
    uv, environ = environments.find_uv(), indexes.uv_environment(os.environ)
    environ |= {"UV_LINK_MODE": "copy", "UV_INDEX_STRATEGY": "unsafe-best-match"}
    with tempfile.TemporaryDirectory() as work:
        wheels, venv = Path(work, "wheels"), Path(work, "venv")
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
             "--only-binary=:all:", "--dest", str(wheels), *pinned], check=True,
        )  # fmt: skip
        environments.run([*uv, "venv", "--quiet", "--python", sys.executable, str(venv)], environ)
        install = [*uv, "pip", "install", "--quiet", "--python", str(venv), "--require-hashes"]
        environments.run([*install, "--no-index", f"--find-links={wheels}", *pinned], environ)
        return {
            "packages": len(list(wheels.iterdir())),
            "download_mb": megabytes(wheels),
            "disk_mb": megabytes(venv),
        }


def digest() -> str:
    """Return the digest of every pin that was measured."""
    found = sorted(
        {pair for name in environments.PROJECT for p in files(name) for pair in pins.versions(p)}
    )
    return "sha256:" + hashlib.sha256(json.dumps(found).encode()).hexdigest()


def main() -> None:
    """Measure both environments and write the record, unless it speaks of these pins already."""
    path = FOLDER / "sizes.json"
    if path.is_file() and json.loads(path.read_text(encoding="utf-8"))["pins"] == digest():
        return
    record = {
        "measured_on": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "pins": digest(),
        "environments": {name: measure(name) for name in environments.PROJECT},
    }
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(record["environments"]))


if __name__ == "__main__":
    main()
