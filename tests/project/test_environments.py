"""A project makes its environments from hash-pinned files, on any supported Python, once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.errors import Refused
from redoubt.workshop import environments, interpreters, pins

Command = Callable[..., Any]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("environments")]
IMPORTS = "import sys, {}; print('.'.join(map(str, sys.version_info[:2])))"
SERVING = ("fastapi", "onnxruntime", "model_signing", "redoubt.cli")
HERE = [
    version for version in interpreters.SUPPORTED if interpreters.find(version).version == version
]
WORKING = (*SERVING, "mlflow", "sklearn", "skl2onnx", "pandera", "pytest", "copier")


def python(folder: Path, name: str, code: str, command: Command) -> str:
    return str(command(folder / ".venv" / name / "bin" / "python", "-c", code, cwd=folder).stdout)


def test_both_environments_work(made: Path, command: Command) -> None:
    assert python(made, "work", IMPORTS.format(", ".join(WORKING)), command).startswith("3.")
    assert python(made, "serve", IMPORTS.format(", ".join(SERVING)), command).startswith("3.")


@pytest.mark.parametrize("library", ["mlflow", "sklearn", "pandas", "skl2onnx"])
def test_the_serving_environment_cannot_train(made: Path, command: Command, library: str) -> None:
    code = f"import importlib.util as u; print(u.find_spec({library!r}))"
    assert python(made, "serve", code, command) == "None\n"


def test_a_second_call_costs_less_than_a_tenth_of_a_second(made: Path) -> None:
    start = time.perf_counter()
    for name in environments.PROJECT:
        environments.ensure(made, name, pytest.fail)
    assert time.perf_counter() - start < 0.1


def test_the_code_that_runs_is_the_projects_own(made: Path, command: Command) -> None:
    for name in environments.PROJECT:
        found = python(made, name, "import redoubt; print(redoubt.__file__)", command)
        assert Path(found.strip()).is_relative_to(made / "platform" / "src")


def test_the_teams_checks_pass_on_the_starter_code(made: Path, nox: str, command: Command) -> None:
    command(nox, "-s", "lint", "tests", cwd=made)


def test_a_changed_pin_brings_the_environment_in_step(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(made / "requirements", folder / "requirements")
    shutil.copytree(made / "platform", folder / "platform")
    text = (made / "project.yml").read_text()
    (folder / "project.yml").write_text(text)
    assert not environments.ready(folder, "serve")
    monkeypatch.setattr(environments, "_make", lambda root, name, say: say(name))
    said: list[str] = []
    environments.ensure(folder, "serve", said.append)
    assert said == ["serve"]


@pytest.mark.parametrize("interpreter", HERE)
def test_the_serving_environment_is_made_on_each_supported_python(
    project: Path, tmp_path: Path, interpreter: str
) -> None:
    folder = bare(project, tmp_path, interpreter)
    said: list[str] = []
    python = environments.ensure(folder, "serve", said.append)
    done = subprocess.run([python, "-c", IMPORTS.format(", ".join(SERVING))],
                          text=True, capture_output=True, check=True)  # fmt: skip
    assert done.stdout.strip() == interpreter
    assert f"Python {interpreter}" in said[0]


def test_a_machine_with_another_python_says_which_it_takes(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    this = f"{sys.version_info[0]}.{sys.version_info[1]}"
    absent = next(version for version in interpreters.SUPPORTED if version != this)
    found = interpreters.find(this)
    monkeypatch.setattr(interpreters, "find", lambda wanted: found)
    monkeypatch.setattr(environments, "run", lambda command, environ: None)
    folder = bare(project, tmp_path, absent)
    (folder / ".venv" / "serve").mkdir(parents=True)
    said: list[str] = []
    environments.ensure(folder, "serve", said.append)
    assert f"with Python {this} (the answer is {absent}, which is not here)" in said[0]


def test_without_an_index_a_folder_of_wheels_is_enough(
    project: Path, tmp_path: Path, environ: dict[str, str], command: Command
) -> None:
    wheels, boot = tmp_path / "wheels", project / "requirements" / "boot.txt"
    command(sys.executable, "-m", "venv", tmp_path / "v", cwd=tmp_path)
    pip = [tmp_path / "v" / "bin" / "python", "-m", "pip"]
    command(*pip, "download", "--quiet", "-r", boot, "-d", wheels, cwd=tmp_path)
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull,
               "PIP_EXTRA_INDEX_URL": "", "UV_NO_CACHE": "1", "PIP_NO_CACHE_DIR": "1"}  # fmt: skip
    folder = bare(project, tmp_path, "3.11")
    shutil.copytree(project / "ci", folder / "ci")
    shutil.copy(project / "noxfile.py", folder)
    listed = command("bash", folder / "ci" / "run", "--list", cwd=folder,
                     REDOUBT_WHEELS=str(wheels), **nowhere)  # fmt: skip
    assert "verify" in listed.stdout
    for name in ("serve", "build"):
        (folder / "requirements" / f"{name}.txt").write_bytes(boot.read_bytes())
    code = ("import sys; sys.path.insert(0, 'platform/src'); from pathlib import Path\n"
            "from redoubt.workshop import environments as e\n"
            "p = Path.cwd() / 'platform'; e.run = (lambda run: lambda c, v: None if str(p) in c "
            "else run(c, v))(e.run)\n"
            "print(e.ensure(Path.cwd(), 'serve'))")  # fmt: skip
    command(folder / ".venv" / "boot" / "bin" / "python", "-c", code, cwd=folder,
            REDOUBT_WHEELS=str(wheels), **nowhere)  # fmt: skip
    command(folder / ".venv" / "serve" / "bin" / "nox", "--version", cwd=folder)


def test_a_package_with_another_hash_is_refused(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bare(project, tmp_path, "3.11")
    for name in ("serve", "build"):
        path = folder / "requirements" / f"{name}.txt"
        path.write_text("annotated-types==0.8.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    with pytest.raises(Refused, match="does not have the hash"):
        environments.ensure(folder, "serve", lambda _: None)
    assert not environments.ready(folder, "serve")


def bare(project: Path, folder: Path, version: str) -> Path:
    """Copy what environments are made from, wanting this Python."""
    shutil.copytree(project / "requirements", folder / "requirements")
    (folder / "platform").symlink_to(project / "platform")
    (folder / "project.yml").write_text(f'python: "{version}"\n')
    assert pins.versions(folder / "requirements" / "serve.txt")
    return folder
