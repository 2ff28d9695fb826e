"""The fact ``project``: the project's own facts, everything derived computed again."""

from pathlib import Path

from redoubt import project as projects
from redoubt.proof import fact


@fact(
    reads=["project.yml", "platform/src/redoubt/project.py", "platform/src/redoubt/governance/**"]
)
def project(root: Path) -> projects.Project:
    return projects.load(root)
