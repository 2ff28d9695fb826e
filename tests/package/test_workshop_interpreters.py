"""The wanted Python if it runs here, else the newest supported one that does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from redoubt.errors import Unavailable
from redoubt.workshop import interpreters

THIS = f"{sys.version_info[0]}.{sys.version_info[1]}"


def fake(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def only(folder: Path) -> dict[str, str]:
    return {"PATH": str(folder), "HOME": str(folder), "PYENV_ROOT": str(folder)}


def test_the_running_python_is_found_when_it_is_wanted(tmp_path: Path) -> None:
    found = interpreters.find(THIS, only(tmp_path))
    assert found.version == THIS
    assert interpreters.answers(found.path) == THIS


def test_without_the_wanted_one_another_supported_one_is_taken(tmp_path: Path) -> None:
    absent = next(version for version in interpreters.SUPPORTED if version != THIS)
    assert interpreters.find(absent, only(tmp_path)).version == THIS


def test_a_shim_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    absent = next(version for version in interpreters.SUPPORTED if version != THIS)
    fake(tmp_path, f"python{absent}", "echo command not found >&2; exit 127")
    assert interpreters.find(absent, only(tmp_path)).version == THIS


def test_an_interpreter_that_only_claims_a_version_by_its_name_is_passed_over(
    tmp_path: Path,
) -> None:
    absent = next(version for version in interpreters.SUPPORTED if version != THIS)
    fake(tmp_path, f"python{absent}", f"echo {THIS} /somewhere")
    assert interpreters.find(absent, only(tmp_path)).version == THIS


def test_no_supported_python_names_those_that_would_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreters, "candidates", lambda version, environ: iter(()))
    with pytest.raises(Unavailable, match=r"No Python 3\.11, 3\.12, 3\.13"):
        interpreters.find("3.13", only(tmp_path))
