"""`start.py` needs Python and git only, and says what is missing when it is."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def start(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("start", repository / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "BOOT", str(tmp_path / "boot"))
    return module


@pytest.mark.parametrize("words", [[], ["fly"], ["demo"], ["--help"]])
def test_a_wrong_call_is_answered_with_the_usage(
    start: ModuleType, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert start.main(words) == 2
    assert "python3 start.py" in capsys.readouterr().err


def test_an_unsupported_python_names_those_that_would_do(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "supported", lambda: False)
    monkeypatch.setattr(start, "other", lambda: None)
    with pytest.raises(SystemExit, match="3"):
        start.main(["test"])
    assert "install Python 3.11, 3.12 or 3.13" in capsys.readouterr().err


def test_an_unsupported_python_hands_over_to_a_supported_one(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "supported", lambda: False)
    monkeypatch.setattr(start, "other", lambda: "/usr/bin/python3.12")
    called: list[list[str]] = []
    monkeypatch.setattr(start.subprocess, "call", lambda words: called.append(words) or 7)
    assert start.main(["nox", "-s", "lint"]) == 7
    assert called[0][0] == "/usr/bin/python3.12"
    assert called[0][2:] == ["nox", "-s", "lint"]


def test_a_python_without_ensurepip_says_what_to_install(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="3"):
        start.main(["test"])
    assert "apt-get install python3-venv" in capsys.readouterr().err


def test_a_machine_without_git_says_so(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="3"):
        start.main(["test"])
    assert "git is not installed" in capsys.readouterr().err


def test_packages_that_cannot_be_had_name_the_settings(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start.venv, "create", lambda *_, **__: None)
    monkeypatch.setattr(start.subprocess, "call", lambda words: 1)
    with pytest.raises(SystemExit, match="3"):
        start.main(["test"])
    message = capsys.readouterr().err
    assert all(name in message for name in ("PIP_INDEX_URL", "PIP_CERT", "REDOUBT_WHEELS"))


def test_it_imports_the_standard_library_only(repository: Path) -> None:
    tree = ast.parse((repository / "start.py").read_text(), feature_version=(3, 6))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert names <= set(sys.stdlib_module_names)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def test_the_demo_refuses_a_folder_that_holds_something_else(
    repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = subprocess.run(
        [Path(sys.executable).parent / "nox", "--noxfile", repository / "noxfile.py", "-s", "demo",
         "--", str(tmp_path)], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "is not empty and holds no Redoubt project" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", [".ci/run", "template/ci/run"])
def test_the_entries_of_ci_can_be_run_and_parse(repository: Path, name: str) -> None:
    path = repository / name
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", path], check=True)
