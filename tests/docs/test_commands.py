"""The commands that the README and the tutorial show, run as a newcomer would."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.M | re.S)


def commands(page: Path) -> list[str]:
    return BLOCK.findall(page.read_text())


def newcomer(home: Path) -> dict[str, str]:
    """Return an environment without anything that this test session brought along."""
    foreign = ("VIRTUAL_ENV", "PYTHONPATH", "PYTEST_CURRENT_TEST", "CI")
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    tools = str(Path(os.environ.get("VIRTUAL_ENV", "/nowhere")) / "bin")
    path = [
        item for item in kept["PATH"].split(os.pathsep) if item != tools and ".venv" not in item
    ]
    return kept | {"HOME": str(home), "PATH": os.pathsep.join(path)}


def test_ci_runs_the_command_that_the_readme_shows_for_the_tests(repository: Path) -> None:
    _, test = commands(repository / "README.md")
    assert test.strip() == "python3 start.py test"
    assert test.strip() in (repository / ".ci" / "run").read_text()


def test_the_readme_and_the_tutorial_begin_with_the_same_command(repository: Path) -> None:
    demo, _ = commands(repository / "README.md")
    assert commands(repository / "docs" / "tutorials" / "first-model.md")[0] == demo


@pytest.mark.slow
@pytest.mark.xdist_group("demo")  # as there, a service listens on the default port
def test_the_tutorial_works_from_a_fresh_clone_and_a_clean_home(
    repository: Path, template: Path, home: Path, tmp_path: Path, run
) -> None:
    clone = tmp_path / "redoubt"
    run("git", "clone", "--quiet", template, clone, cwd=tmp_path)
    script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + "\n".join(
        commands(repository / "docs" / "tutorials" / "first-model.md")
    )
    done = subprocess.run(
        ["bash", "-c", script], cwd=clone, env=newcomer(home), text=True, check=False,
        capture_output=True, timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert "refused, as it must be" in done.stdout
    assert "noticed" in done.stdout
