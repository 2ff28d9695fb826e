"""A team swaps the library by editing two files; the demonstration takes that model all the way."""

from __future__ import annotations

import filecmp
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]
RECIPE = Path(__file__).parent / "data" / "lightgbm_recipe.py"


@pytest.fixture(scope="module")
def swapped(
    render: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
    nox: str,
    command: Command,
) -> Path:
    """Return a project whose team edited `recipe.py` and `requirements/team.in`, and locked."""
    folder = render(tmp_path_factory.mktemp("swapped") / "credit")
    command(nox, "-s", "lint", cwd=folder)
    (recipe,) = (folder / "src").glob("*/recipe.py")
    recipe.write_text(RECIPE.read_text())
    with (folder / "requirements" / "team.in").open("a") as wishes:
        wishes.write("lightgbm\nonnxmltools\n")
    done = command(nox, "-s", "tests", cwd=folder, code=1)
    assert "redoubt lock" in done.stderr
    command(folder / ".venv" / "work" / "bin" / "redoubt", "lock", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def told(swapped: Path, nox: str, command: Command, environ: dict[str, str]) -> str:
    """Return what the demonstration says when it starts over after having been killed."""
    command(nox, "-s", "tests", cwd=swapped)
    killed(swapped, environ)
    return str(command(nox, "-s", "demo", cwd=swapped).stdout)


def killed(project: Path, environ: dict[str, str]) -> None:
    """Start the demonstration and kill it, and all that it started, while it trains."""
    child = subprocess.Popen(
        [project / ".venv" / "work" / "bin" / "redoubt", "demo"], cwd=project, env=environ,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    assert child.stdout is not None
    seen = []
    for line in child.stdout:
        seen.append(line)
        if "fitting on" in line:
            break
    assert "fitting on" in seen[-1], "".join(seen)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def changed(one: Path, other: Path) -> Iterator[str]:
    ignored = {".venv", "var", ".copier-answers.yml"}
    for path in sorted(item for item in one.rglob("*") if item.is_file()):
        name = path.relative_to(one)
        generated = "__pycache__" in name.parts or any("_cache" in part for part in name.parts)
        if name.parts[0] not in ignored and not generated:
            same = (other / name).is_file() and filecmp.cmp(path, other / name, shallow=False)
            if not same:
                yield name.as_posix()


def test_two_files_are_edited_and_one_is_generated(
    told: str, swapped: Path, rendered: Path
) -> None:
    assert set(changed(swapped, rendered)) == {
        "requirements/team.in", "requirements/team.txt", "src/credit_default/recipe.py",
    }  # fmt: skip


def test_the_team_file_pins_by_hash_what_the_platform_does_not_have(
    told: str, swapped: Path
) -> None:
    text = (swapped / "requirements" / "team.txt").read_text()
    assert "lightgbm==" in text
    assert "numpy==" not in text
    assert "://" not in text


def test_the_new_library_is_served_by_an_environment_that_lacks_it(
    told: str, swapped: Path, command: Command
) -> None:
    code = "import importlib.util as u; print(u.find_spec('lightgbm'))"
    work, serve = (swapped / ".venv" / name / "bin" / "python" for name in ("work", "serve"))
    assert command(work, "-c", code, cwd=swapped).stdout != "None\n"
    assert command(serve, "-c", code, cwd=swapped).stdout == "None\n"
    run = next((swapped / "var" / "bundles").glob("*/run.json"))
    assert json.loads(run.read_text())["parameters"]["num_leaves"] == 8


def test_the_demonstration_ends_with_a_served_decision_of_a_promoted_model(told: str) -> None:
    answer = json.loads(told[told.index("\n{\n") : told.index("\n}\n") + 2])
    assert 0 <= answer["score"] <= 1
    assert answer["action"] == "score"
    assert f"promote {answer['model'].removeprefix('sha256:')[:12]}: granted" in told
    assert "weighed: controls" in told


def test_it_shows_each_command_and_acts_as_two_people(told: str) -> None:
    shown = [line.removeprefix("$ redoubt ") for line in told.splitlines() if "$ redoubt" in line]
    order = ["issuer start &", "keys", "data synthesize", "login mira", "train", "register", "judge",
             "login ada", "login mira", "judge --gate parity-service", "promote", "log verify",
             "status"]  # fmt: skip
    rest = iter(shown)
    assert all(any(line == wanted for line in rest) for wanted in order), shown


def test_it_says_what_names_the_code_where_there_is_no_repository(told: str) -> None:
    assert "no git repository" in told


def test_it_says_where_things_are_recorded_and_how_to_go_on(told: str) -> None:
    ending = told[told.index("Recorded in") :]
    for words in (
        "snapshots",
        "decisions",
        "redoubt serve",
        "curl --cacert",
        "mlflow ui",
        "ci/run -s verify",
    ):
        assert words in ending


def test_nothing_of_it_is_still_running(told: str, swapped: Path) -> None:
    words = (path.read_bytes().replace(b"\0", b" ") for path in processes())
    assert not [line for line in words if bytes(swapped) in line]


def processes() -> Iterator[Path]:
    if sys.platform == "linux":
        for folder in Path("/proc").glob("[0-9]*"):
            if (folder / "cmdline").exists():
                yield folder / "cmdline"


def test_a_failing_step_stops_it_with_the_step_named(
    told: str, swapped: Path, command: Command
) -> None:
    conf = swapped / "conf" / "gates.yml"
    before = conf.read_text()
    conf.write_text("numbers:\n  performance:\n    auc_out_of_time: 0.99\n")
    try:
        tool = swapped / ".venv" / "work" / "bin" / "redoubt"
        done = command(tool, "demo", cwd=swapped, code=1)
    finally:
        conf.write_text(before)
    assert "`redoubt judge` ended with exit code 1" in done.stderr
    assert (
        "performance: DENY" in done.stdout.upper().replace("DENY", "DENY")
        or "DENIED" in done.stdout
    )
