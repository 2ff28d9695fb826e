"""`redoubt doctor`: what this machine has, what is missing, and the remedy for each.

Standard library only, because it must run before any environment exists:
``PYTHONPATH=platform/src python3 -m redoubt.workshop.doctor`` or ``ci/run doctor``.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from redoubt.errors import RedoubtError
from redoubt.workshop import environments, indexes, interpreters, pins

State = Literal["ok", "note", "missing"]
ROOM_MB = 500  # for the state folder: data, models, logs
PORT = "8443"


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``missing`` makes the exit code 3, ``note`` does not."""

    name: str
    state: State
    detail: str
    remedy: str = ""


def examine(root: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Give one finding after the other, cheap ones first. Nothing is changed."""
    checks: tuple[Callable[[Path, Mapping[str, str]], Iterator[Finding]], ...] = (
        _project, _python, _git, _uv, _proxy, _authority, _disk, _ports, _links, _environments,
        _team, _index,
    )  # fmt: skip
    for check in checks:
        yield from check(root, environ)


def _project(root: Path, _: Mapping[str, str]) -> Iterator[Finding]:
    if (root / "project.yml").is_file():
        yield Finding("project", "ok", str(root))
    else:
        yield Finding("project", "missing", f"{root} has no project.yml",
                      "run the command in the project's own folder")  # fmt: skip


def _python(root: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    wanted = environments.wanted_python(root)
    try:
        found = interpreters.find(wanted, environ)
    except RedoubtError as error:
        yield Finding("python", "missing", error.message, error.remedy)
        return
    detail = f"{found.version} at {found.path}"
    if found.version == wanted:
        yield Finding("python", "ok", detail)
    else:
        yield Finding("python", "note", f"{detail}; the answer is {wanted}, which is not here",
                      f"nothing to do on a laptop; install Python {wanted} to match CI")  # fmt: skip


def _git(root: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    path = shutil.which("git", path=environ.get("PATH"))
    if not path:
        yield Finding("git", "missing", "not on PATH", "install git from your system's packages")
        return
    done = _ask([path, "-C", str(root), "rev-parse", "--short", "HEAD"], environ)
    if done is None:
        yield Finding("git", "note", "no commit yet: runs record a digest of the tree instead",
                      "git init, git add and git commit before you promote outside "
                      "development")  # fmt: skip
    else:
        yield Finding("git", "ok", f"at commit {done}")


def _uv(_: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    try:
        command = environments.find_uv(environ)
    except RedoubtError as error:
        yield Finding("uv", "note", error.message, error.remedy)
        return
    yield Finding("uv", "ok", _ask([*command, "--version"], environ) or command[0])


def _proxy(_: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    both = {name.lower(): value for name, value in environ.items()}
    proxy = both.get("https_proxy") or indexes.pip_settings(environ).get("proxy")
    if not proxy:
        yield Finding("proxy", "ok", "none set")
        return
    beside = {part.strip() for part in both.get("no_proxy", "").split(",")}
    if beside & {"127.0.0.1", "*"}:
        yield Finding("proxy", "ok", f"{_public(proxy)}; loopback goes past it")
    else:
        yield Finding("proxy", "note", f"{_public(proxy)}; loopback may go through it",
                      "set NO_PROXY=127.0.0.1,localhost, so that tools reach your own "
                      "service")  # fmt: skip


def _authority(_: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    told = indexes.uv_environment(environ)
    path = told.get("SSL_CERT_FILE", "")
    if not path:
        yield Finding("CA", "ok", "the system's; set SSL_CERT_FILE for a corporate one")
    elif Path(path).is_file():
        yield Finding("CA", "ok", path)
    else:
        yield Finding("CA", "missing", f"{path} does not exist",
                      "point SSL_CERT_FILE (or PIP_CERT) to your CA's PEM file")  # fmt: skip


def _disk(root: Path, _: Mapping[str, str]) -> Iterator[Finding]:
    known = environments.sizes(root)
    todo = [name for name in environments.PROJECT if not environments.known_ready(root, name)]
    need = ROOM_MB + sum(known[name].disk_mb for name in todo if name in known)
    free = shutil.disk_usage(root).free // 10**6
    if free >= need:
        yield Finding("disk", "ok", f"{free} MB free, {need} MB needed")
    else:
        yield Finding("disk", "missing", f"{free} MB free, {need} MB needed",
                      "free space, or move the project to a larger disk")  # fmt: skip


def _ports(_: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    text = environ.get("REDOUBT_PORT", PORT)
    if not text.isdigit() or int(text) > 65535:
        yield Finding("port", "missing", f"REDOUBT_PORT={text} is not a port",
                      "set it to a number from 0 (a free one) to 65535")  # fmt: skip
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            yield Finding("port", "note", f"{text} cannot be used: {error.strerror}",
                          "stop what uses it, or set REDOUBT_PORT to another")  # fmt: skip
            return
    yield Finding("port", "ok", f"{text} is free")


def _links(_: Path, __: Mapping[str, str]) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            (Path(folder) / "link").symlink_to(folder)
        except OSError:
            yield Finding("links", "missing", "symbolic links cannot be made here",
                          "environments need them; use a file system that has them")  # fmt: skip
            return
    yield Finding("links", "ok", "symbolic links work")


def _environments(root: Path, _: Mapping[str, str]) -> Iterator[Finding]:
    for name in environments.PROJECT:
        if environments.known_ready(root, name):
            yield Finding(f".venv/{name}", "ok", "in step with its requirement files")
        else:
            exists = environments.python(root, name).exists()
            yield Finding(f".venv/{name}", "note", "out of step" if exists else "not made yet",
                          "any nox session makes it, such as `nox -s verify`")  # fmt: skip


def _team(root: Path, _: Mapping[str, str]) -> Iterator[Finding]:
    source = root / "requirements" / "team.in"
    try:
        environments.team(source.parent)
    except RedoubtError as error:
        yield Finding("team.txt", "missing", error.message, error.remedy)
        return
    count = len(pins.versions(path)) if (path := source.with_suffix(".txt")).is_file() else 0
    yield Finding("team.txt", "ok", f"{count} packages of your own")


def _index(_: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Ask the index for one package as the environments will: same settings, proxy and CA."""
    wheels = environ.get("REDOUBT_WHEELS", "")
    if wheels:
        count = len(list(Path(wheels).glob("*.whl")))
        if count:
            yield Finding("index", "ok", f"not used: {count} wheels in {wheels}")
        else:
            yield Finding("index", "missing", f"REDOUBT_WHEELS={wheels} holds no wheels",
                          "fill it as docs/how-to says, or unset it")  # fmt: skip
        return
    told = indexes.uv_environment(environ)
    where = _public(told.get("UV_DEFAULT_INDEX") or told.get("UV_INDEX_URL") or "")
    words = _reach(told)
    if words is None:
        yield Finding("index", "ok", f"{where or 'the default index'} answers")
        return
    yield Finding("index", "missing", f"{where or 'the default index'} does not answer: {words}",
                  "set PIP_INDEX_URL to your index, HTTPS_PROXY and SSL_CERT_FILE if it needs them, "
                  "or REDOUBT_WHEELS to a folder of wheels")  # fmt: skip


def _reach(told: Mapping[str, str]) -> str | None:
    """Return None when a package can be looked up, else why not."""
    try:
        command = [*environments.find_uv(told), "pip", "compile", "-", "--no-deps", "--no-cache",
                   "--quiet", "--python-version", pins.OLDEST]  # fmt: skip
    except RedoubtError:
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--quiet",
                   "--ignore-installed", "--no-cache-dir", "nox"]  # fmt: skip
    try:
        done = subprocess.run(
            command, input="nox\n", env=dict(told) | {"UV_HTTP_TIMEOUT": "10"}, text=True,
            capture_output=True, timeout=30, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "no answer in 30 seconds"
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return None if done.returncode == 0 else _public(lines[-1] if lines else "no reason given")


def _ask(command: list[str], environ: Mapping[str, str]) -> str | None:
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def _public(words: str) -> str:
    """Return words without the user names and passwords that may stand in addresses."""
    return re.sub(r"//[^/\s@]+@", "//…@", words)


def report(root: Path, out: TextIO = sys.stdout) -> int:
    """Print every finding as it is known; return 3 when something is missing, else 0."""
    worst = 0
    for finding in examine(root):
        out.write(f"{finding.state:8} {finding.name:12} {finding.detail}\n")
        if finding.remedy:
            out.write(f"{'':8} {'':12} remedy: {finding.remedy}\n")
        out.flush()
        worst = max(worst, 3 if finding.state == "missing" else 0)
    out.write("Something is missing.\n" if worst else "Everything needed is here.\n")
    return worst


if __name__ == "__main__":
    sys.exit(report(Path.cwd()))
