"""Find a Python that the project supports: the wanted version if it is here, else the newest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from redoubt.errors import Unavailable

SUPPORTED = ("3.13", "3.12", "3.11")
ASK = "import sys; print('%d.%d' % sys.version_info[:2], sys.base_prefix); import ssl, ctypes"


@dataclass(frozen=True)
class Interpreter:
    """A Python that runs: its version such as ``3.13``, and where it is."""

    version: str
    path: Path


def find(wanted: str, environ: Mapping[str, str] = os.environ) -> Interpreter:
    """Return the wanted interpreter, else the newest supported one on this machine.

    Raises Unavailable, naming the versions that would do.
    """
    for version in (wanted, *(other for other in SUPPORTED if other != wanted)):
        if version in SUPPORTED:
            for path in candidates(version, environ):
                if answers(path) == version:
                    return Interpreter(version, path)
    raise Unavailable(
        f"No Python {', '.join(reversed(SUPPORTED))} was found (asked for {wanted}).",
        remedy="install one of them from your system's packages and put it on PATH",
    )


def candidates(version: str, environ: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """Give the places where a version may be: this process, PATH, pyenv's versions."""
    if f"{sys.version_info[0]}.{sys.version_info[1]}" == version:
        # The base interpreter, because an environment made from an environment breaks with it.
        yield Path(getattr(sys, "_base_executable", None) or sys.executable)
    names = (f"python{version}", "python3", "python")
    path = environ.get("PATH", os.defpath)
    for name in names:
        if found := shutil.which(name, path=path):
            yield Path(found)
    home = Path(environ.get("HOME") or Path.home())
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    yield from sorted(pyenv.glob(f"{version}.*/bin/python{version}"), reverse=True)


def answers(path: Path) -> str:
    """Return the version that a candidate reports when it runs; empty when it does not run.

    A name on PATH may be a shim of a version that is not active, so only running it tells.
    """
    try:
        done = subprocess.run(
            [str(path), "-I", "-c", ASK], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.split(" ")[0] if done.returncode == 0 else ""
