"""The fact ``checkout``: leads a small repository through the states that a project's tree can have."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

from redoubt.proof import fact

AUTHOR = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), *AUTHOR, "-c", "commit.gpgsign=false", *arguments]
    subprocess.run(command, check=True, capture_output=True)


@fact(reads=[])
def checkout(tmp_path_factory) -> Callable[[], Iterator[tuple[str, Path]]]:
    def states() -> Iterator[tuple[str, Path]]:
        """Yield the name of a state and the folder that is in it until the next one is asked for."""
        folder = tmp_path_factory.mktemp("checkout")
        model, extra = folder / "src" / "model.py", folder / "src" / "extra.py"
        model.parent.mkdir()
        model.write_text("MODEL = 1\n")
        (folder / "project.yml").write_text("name: Checkout\n")
        git(folder, "init", "--quiet")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--message", "a project")
        yield "committed", folder
        extra.write_text("EXTRA = 1\n")
        yield "untracked", folder
        extra.unlink()
        model.write_text("MODEL = 2\n")
        yield "edited", folder
        other = tmp_path_factory.mktemp("other") / "checkout"
        shutil.copytree(folder, other)
        git(other, "commit", "--quiet", "--all", "--message", "what the first one lacks")
        with mock.patch.dict(os.environ, {"GIT_DIR": str(other / ".git")}):
            yield "lent", folder
        git(folder, "update-index", "--skip-worktree", "src/model.py")
        yield "skipped", folder
        git(folder, "update-index", "--no-skip-worktree", "src/model.py")
        git(folder, "update-index", "--assume-unchanged", "src/model.py")
        yield "hidden", folder
        git(folder, "rm", "--cached", "--quiet", "project.yml")
        yield "elsewhere", folder

    return states
