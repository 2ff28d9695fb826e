"""Who changed the code that a model was trained from, as the repository says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from redoubt.errors import Refused
from redoubt.identity import same_person

# control: IAM-02
PEOPLE = "%an%n%ae%n%cn%n%ce%n%(trailers:key=Co-authored-by,valueonly)"
MAIL = re.compile(r"(.*)<([^<>]+)>")


# control: IAM-02
def changed(root: Path, commit: str | None) -> frozenset[str]:
    """Return the names and addresses of the people of a commit; of all that a merge brought.

    Without a repository (``commit`` is None) nobody is known. Raises Refused when the commit is
    not in this repository: then nobody can say who wrote it.
    """
    if commit is None:
        return frozenset()
    parents = _git(root, "rev-list", "--parents", "--max-count=1", commit).split()[1:]
    scope = [commit, f"^{parents[0]}"] if parents else [commit, "--max-count=1"]
    lines = _git(root, "log", f"--format={PEOPLE}", *scope).splitlines()
    return frozenset(name for line in lines for name in _names(line.strip()) if name)


def _names(line: str) -> tuple[str, ...]:
    parts = MAIL.fullmatch(line)
    return (parts[1].strip(), parts[2].strip()) if parts else (line,)


def is_among(subject: str, people: frozenset[str]) -> bool:
    """Say whether a subject is one of the people: by name, address, or the address's user part."""
    known = people | {name.partition("@")[0] for name in people if "@" in name}
    return any(same_person(subject, name) for name in known)


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Refused(
            "The commit that the model was trained from is not in this repository.",
            remedy="fetch it (a shallow clone may lack it), then approve again",
        )
    return done.stdout
