"""The command line: an error of the team's code is one message that names its line, ours a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from redoubt.errors import team_fault

PYPROJECT = '[tool.redoubt]\nmodel = "line.model:MODEL"\n'


def ended(root: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Run a command that loads a model whose features are ``source``."""
    package = root / "src" / "line"
    package.mkdir(parents=True)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (package / "__init__.py").touch()
    (package / "model.py").write_text("from .features import x\n")
    (package / "features.py").write_text(source)
    code = (
        "from redoubt import cli, model; from pathlib import Path; "
        "cli.app = lambda: model.load(Path.cwd()); cli.main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = {}['emploid']\n", "src/line/features.py, line 1: KeyError: 'emploid'"),
        ("\nx = int('ten')\n", "src/line/features.py, line 2: ValueError: invalid literal"),
        ("def f():\n    return {}['a']\n\n\nx = f()\n", "'a' (from model.py:1, features.py:5)"),
        ("x = 1 +* 2\n", "src/line/features.py, line 1: SyntaxError"),
    ],
)
def test_a_mistake_in_the_teams_code_is_named_by_its_line(
    tmp_path: Path, source: str, words: str
) -> None:
    done = ended(tmp_path, source)
    assert done.returncode == 2
    assert words in done.stderr
    assert "remedy: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_monotone_direction_that_is_none_is_refused(tmp_path: Path) -> None:
    done = ended(
        tmp_path,
        "from redoubt.model import Features\nx = Features(('income',), len, monotone=(-2,))\n",
    )
    assert done.returncode == 2
    assert "Features.monotone=(-2,)" in done.stderr


def test_an_error_of_the_platform_keeps_its_trace(tmp_path: Path) -> None:
    with pytest.raises(KeyError) as caught:
        {}["ours"]
    assert team_fault(caught.value, tmp_path / "src") is None
