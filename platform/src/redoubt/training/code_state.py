"""Which code ran: the commit and whether the tree is clean, or a digest of the tree without one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from redoubt import digests
from redoubt.records import CodeState

# control: TRN-01
FOLDERS = ("src", "platform/src", "conf", "controls")
FILES = ("project.yml", "pyproject.toml", "requirements/*.txt")
IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


def tree(root: Path) -> str:
    """Return one digest over the project's code and configuration, whatever git knows of them."""
    found = [path for folder in FOLDERS for path in (root / folder).rglob("*")]
    found += [path for pattern in FILES for path in root.glob(pattern)]
    files = [p for p in found if p.is_file() and not IGNORED & set(p.relative_to(root).parts)]
    return digests.digest_files(digests.tree(root, files))


# control: TRN-01
def read(root: Path) -> CodeState:
    """Return the state of the code. A project that no commit holds has ``commit`` None, not clean."""
    digest = tree(root)
    commit = _git(root, "rev-parse", "HEAD")
    held = _git(root, "ls-files", "--error-unmatch", "project.yml")
    if not commit or not held:
        return CodeState(commit=None, clean=False, tree=digest, basis="tree")
    return CodeState(commit=commit, clean=_clean(root), tree=digest, basis="git")


# control: TRN-01
def _clean(root: Path) -> bool:
    """Say whether every file is as the commit has it, none untracked, none hidden from git."""
    status = _git(root, "status", "--porcelain", "--untracked-files=all", "--", ".")
    hidden = [line for line in (_git(root, "ls-files", "-v") or "").splitlines()
              if line[:1].islower() or line[:1] == "S"]  # fmt: skip
    return status == "" and not hidden


def _git(root: Path, *arguments: str) -> str | None:
    """Return git's answer, or None when it has none (no git, no repository, not trusted)."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "-c", "core.fsmonitor=false", *arguments],
            env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
