"""The project's environments, ``.venv/work`` and ``.venv/serve``: made from hash-pinned files.

A stamp holds the digest of everything that an environment was made from, so a second call only
compares digests. Standard library only: this runs before any environment exists.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.workshop import indexes, interpreters, pins

Say = Callable[[str], None]
FILES = {
    "work": ("train", "serve", "infra", "dev", "build"),
    "serve": ("serve", "build"),
    "dev": ("dev",),  # the template's own repository has this one instead
    "scan": ("scan",),  # and this one: the scanner pins what the work needs newer
}
# Released as source only, so built here: after the rest, which holds their build backend.
SOURCES = {"dev": ("source",)}
PROJECT = ("work", "serve")
WITHOUT_PLATFORM = ("scan",)
TEAM = "team"


@dataclass(frozen=True)
class Size:
    """What an environment costs, measured when its files were pinned: MB are 10^6 bytes."""

    packages: int
    download_mb: int
    disk_mb: int


def requirements(root: Path, name: str) -> list[Path]:
    """Return the pinned files of an environment; the team's own libraries only serve training.

    Raises BadInput when ``team.in`` changed and ``redoubt lock`` was not run.
    """
    folder = root / "requirements"
    files = [folder / f"{part}.txt" for part in FILES[name]]
    if name == "work":
        files += team(folder)
    missing = [path for path in files if not path.is_file()]
    if missing:
        raise BadInput(
            f"{missing[0]} is missing.", remedy="restore it: `git checkout requirements`"
        )
    return files


def sources(root: Path, name: str) -> list[Path]:
    """Return the pinned files of what an environment builds from source."""
    return [root / "requirements" / f"{part}.txt" for part in SOURCES.get(name, ())]


def team(folder: Path) -> list[Path]:
    """Return the team's pinned file if the team asks for anything."""
    source, pinned = folder / f"{TEAM}.in", folder / f"{TEAM}.txt"
    if not source.is_file() or not any(True for _ in pins.asked(source)):
        return []
    if not pins.current(source, pinned):
        raise BadInput(
            "requirements/team.txt does not match requirements/team.in.",
            remedy="run `redoubt lock` (without an environment: `ci/run lock`) and commit both files",
        )
    return [pinned]


def wanted_python(root: Path) -> str:
    """Return the Python that the answers chose, such as ``3.13``; without an answer this one."""
    facts = root / "project.yml"
    text = facts.read_text(encoding="utf-8") if facts.is_file() else ""
    found = re.search(r"""^python:\s*["']?(\d+\.\d+)""", text, re.MULTILINE)
    return found[1] if found else f"{sys.version_info[0]}.{sys.version_info[1]}"


def python(root: Path, name: str) -> Path:
    """Return the interpreter inside an environment, whether it exists yet or not."""
    return root / ".venv" / name / "bin" / "python"


def stamp(root: Path, name: str) -> str:
    """Return the digest of what an environment is made from."""
    files = [*requirements(root, name), *sources(root, name), root / "platform" / "pyproject.toml"]
    total = hashlib.sha256(f"{wanted_python(root)} {root}".encode())
    for path in files:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def ready(root: Path, name: str) -> bool:
    """Say whether an environment exists and is in step with its files."""
    mark = root / ".venv" / name / "redoubt-stamp"
    try:
        return python(root, name).exists() and mark.read_text() == stamp(root, name)
    except OSError:
        return False


def known_ready(root: Path, name: str) -> bool:
    """Like :func:`ready`, but False where files are missing or out of step."""
    try:
        return ready(root, name)
    except BadInput:
        return False


def ensure(root: Path, name: str, say: Say = print) -> Path:
    """Make an environment unless it is ready; return its interpreter.

    Raises Unavailable without a supported Python, uv or an index; Refused on a wrong hash.
    """
    if not ready(root, name):
        with _alone(root / ".venv", name):
            if not ready(root, name):
                _make(root, name, say)
    return python(root, name)


@contextmanager
def _alone(folder: Path, name: str) -> Iterator[None]:
    """Let one process at a time make an environment."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _make(root: Path, name: str, say: Say) -> None:
    wanted = wanted_python(root)
    found = interpreters.find(wanted)
    note = "" if found.version == wanted else f" (the answer is {wanted}, which is not here)"
    size = sizes(root).get(name)
    cost = f": {size.packages} packages, {size.disk_mb} MB on disk" if size else ""
    say(f"Making .venv/{name} with Python {found.version}{note}{cost}")
    folder = root / ".venv" / name
    (folder / "redoubt-stamp").unlink(missing_ok=True)
    wheels = os.environ.get("REDOUBT_WHEELS", "")
    environ = indexes.uv_environment(os.environ, wheels)
    uv = find_uv()
    run([*uv, "venv", "--quiet", "--clear", "--python", str(found.path), str(folder)], environ)
    install = [*uv, "pip", "install", "--quiet", "--python", str(python(root, name))]
    pinned = [f"--requirement={path}" for path in requirements(root, name)]
    hashed = [*install, *indexes.flags(wheels), "--require-hashes", *pinned]
    run(hashed, environ)
    for path in sources(root, name):
        built = ["--no-deps", "--no-build-isolation", "--require-hashes", f"--requirement={path}"]
        run([*install, *indexes.flags(wheels), *built], environ)
    if name not in WITHOUT_PLATFORM:
        _add_platform(root, install, environ)
    (folder / "redoubt-stamp").write_text(stamp(root, name))


def _add_platform(root: Path, install: list[str], environ: Mapping[str, str]) -> None:
    # The platform is a folder, which --require-hashes refuses; its build backend came with the rest.
    run(
        [*install, "--no-deps", "--no-build-isolation", "--no-index", "--editable",
         str(root / "platform")], environ,
    )  # fmt: skip


def find_uv(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the command of uv: beside this Python, in `.venv/boot`, on PATH. Raises Unavailable."""
    near = (Path(sys.executable).parent / "uv", Path.cwd() / ".venv" / "boot" / "bin" / "uv")
    beside = next((str(path) for path in near if path.exists()), None)
    found = beside or shutil.which("uv", path=environ.get("PATH"))
    if not found:
        raise Unavailable(
            "uv is not installed.",
            remedy="pip install --require-hashes -r requirements/boot.txt, or run ci/run, which does",
        )
    return [found]


def run(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Run uv; explain a failure in the words of a person. Raises Refused or Unavailable."""
    done = subprocess.run(
        list(command), env=dict(environ), stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode == 0:
        return
    words = done.stderr.strip()
    lower = words.lower()
    if "hash mismatch" in lower or ("hash" in lower and "mismatch" in lower):
        raise Refused(
            f"A package does not have the hash that is pinned:\n{words}",
            remedy="do not go on; ask who runs the index why the file differs",
        )
    if any(sign in lower for sign in ("failed to fetch", "connect", "dns", "certificate", "offline",
                                      "no-index", "index was not", "not found in the")):  # fmt: skip
        raise Unavailable(
            f"Packages cannot be fetched:\n{words}",
            remedy="run `redoubt doctor` (ci/run doctor): it shows index, proxy, CA and wheel folder",
        )
    raise Refused(f"uv failed:\n{words}", remedy="fix what it names; `redoubt doctor` may help")


def sizes(root: Path) -> dict[str, Size]:
    """Return the recorded size of each environment; empty when the record is absent."""
    path = root / "requirements" / "sizes.json"
    if not path.is_file():
        return {}
    table = json.loads(path.read_text(encoding="utf-8"))["environments"]
    return {
        name: Size(row["packages"], row["download_mb"], row["disk_mb"])
        for name, row in table.items()
    }


def costs(root: Path) -> list[str]:
    """Return one line an environment that is still to be made, with download and disk size."""
    known = sizes(root)
    todo = [name for name in PROJECT if not known_ready(root, name)]
    lines = [
        f".venv/{name}: {known[name].packages} packages, {known[name].download_mb} MB to download "
        f"(less what is cached), {known[name].disk_mb} MB on disk"
        for name in todo
        if name in known
    ]
    return lines or ["Both environments are ready: nothing to download."]
