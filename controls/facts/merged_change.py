"""The fact ``merged_change``: (root, commit) of a repository where a change of Zoe's was merged by Kim."""

import subprocess
from pathlib import Path

from redoubt.proof import fact

WHO = ("-c", "user.name=Kim", "-c", "user.email=kim@bank.test", "-c", "commit.gpgsign=false")
STEPS = (
    ("init", "-q", "-b", "main"),
    ("commit", "-q", "--allow-empty", "-m", "feat: start", "--author", "Ada <ada@bank.test>"),
    ("checkout", "-q", "-b", "change"),
    (
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "feat: change",
        "-m",
        "Co-authored-by: Max <max@bank.test>",
        "--author",
        "Zoe <z@bank.test>",
    ),
    ("checkout", "-q", "main"),
    ("merge", "-q", "--no-ff", "--no-edit", "change"),
)


@fact(reads=[])
def merged_change(tmp_path_factory) -> tuple[Path, str]:
    root = tmp_path_factory.mktemp("merged")
    for step in STEPS:
        subprocess.run(["git", "-C", str(root), *WHO, *step], check=True)
    head = ["git", "-C", str(root), "rev-parse", "HEAD"]
    return root, subprocess.run(head, check=True, capture_output=True, text=True).stdout.strip()
