"""The fact ``checkout``: makes a small repository whose one commit holds a project."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from redoubt.proof import fact

AUTHOR = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *AUTHOR, "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@fact(reads=[])
def checkout(tmp_path_factory) -> Callable[[], tuple[Path, Callable[..., str]]]:
    def make() -> tuple[Path, Callable[..., str]]:
        folder = tmp_path_factory.mktemp("checkout")
        (folder / "src").mkdir()
        (folder / "src" / "model.py").write_text("MODEL = 1\n")
        (folder / "project.yml").write_text("name: Checkout\n")
        git(folder, "init", "--quiet")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--message", "a project")
        return folder, lambda *arguments: git(folder, *arguments)

    return make
