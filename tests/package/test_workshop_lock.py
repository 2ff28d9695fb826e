"""`redoubt lock` refuses what cannot be pinned, before it asks any index."""

from __future__ import annotations

from pathlib import Path

import pytest

from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.workshop import environments, lock, pins

HASH = "sha256:" + "b" * 64


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "requirements"
    folder.mkdir()
    for name in pins.PLATFORM:
        (folder / f"{name}.in").write_text("numpy\n")
        pins.write(folder / f"{name}.in", folder / f"{name}.txt",
                   f"numpy==2.0 \\\n    --hash={HASH}\n", "x")  # fmt: skip
    (folder / "team.in").write_text("# nothing yet\n")
    return tmp_path


def wish(project: Path, text: str) -> None:
    (project / "requirements" / "team.in").write_text(text)


def test_no_wish_gives_an_empty_file_and_no_environment_change(project: Path) -> None:
    assert lock.lock(project)[0] == 0
    assert environments.team(project / "requirements") == []


@pytest.mark.parametrize(
    "line",
    ["git+https://x.invalid/y", "./local", "-e .", "--index-url x", "a @ https://x", "é", "a b"],
)
def test_a_line_that_is_no_package_is_quoted(project: Path, line: str) -> None:
    wish(project, line + "\n")
    with pytest.raises(BadInput) as refused:
        lock.lock(project)
    assert line in str(refused.value)


@pytest.mark.parametrize(
    "line", ["lightgbm", "xgboost>=2,<4", "a[b,c]~=1.0", 'w; sys_platform == "x"']
)
def test_ordinary_lines_are_accepted(line: str) -> None:
    assert lock.NAMED.fullmatch(line)


def test_a_missing_wish_list_says_how_to_get_one(project: Path) -> None:
    (project / "requirements" / "team.in").unlink()
    with pytest.raises(BadInput, match="redoubt scaffold"):
        lock.lock(project)


def test_what_the_platform_pins_is_left_out(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wish(project, "lightgbm\n")
    solved = f"numpy==2.0 \\\n    --hash={HASH}\nlightgbm==4.0 \\\n    --hash={HASH}\n"
    monkeypatch.setattr(pins, "resolve", lambda *_, **__: solved)
    assert lock.lock(project)[0] == 1
    pinned = project / "requirements" / "team.txt"
    assert pins.versions(pinned) == {("lightgbm", "4.0")}
    assert environments.team(project / "requirements") == [pinned]


def test_a_failed_resolution_keeps_the_earlier_pins(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = project / "requirements" / "team.txt"
    lock.lock(project)
    before = target.read_bytes()
    wish(project, "lightgbm\n")
    uv = project / "uv"
    uv.write_text("#!/bin/sh\necho no solution: lightgbm and numpy >&2\nexit 1\n")
    uv.chmod(0o755)
    monkeypatch.setattr(environments, "find_uv", lambda: [str(uv)])
    with pytest.raises(Refused, match="no solution: lightgbm and numpy"):
        lock.lock(project)
    assert target.read_bytes() == before


def test_a_wish_that_was_not_locked_stops_every_session(project: Path) -> None:
    wish(project, "lightgbm\n")
    with pytest.raises(BadInput, match=r"team\.txt does not match"):
        environments.requirements(project, "work")
    assert environments.requirements(project, "serve"), "serving does not take the team's libraries"


def test_a_project_without_uv_says_where_to_get_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    monkeypatch.setattr(environments.sys, "executable", str(project / "python"))
    with pytest.raises(Unavailable, match="uv is not installed"):
        environments.find_uv({"PATH": str(project)})
