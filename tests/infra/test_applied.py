"""Production is applied to an AWS emulator, through an apply that is stopped half way.

What applies here is no proof that AWS allows the same. Everything that the emulator lacks stands in
``gaps.yml``. One environment serves all tests of this file, in their order.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import python_terraform

from redoubt import files
from redoubt.errors import Refused
from redoubt.infra import opened, terraform
from redoubt.infra.emulator import account, composed, gaps, judged
from redoubt.infra.emulator.account import Account
from redoubt.infra.terraform import Terraform

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("applied")]
NUMBERS = Path(__file__).resolve().parents[2] / "var" / "infra" / "applied.json"
HALF = 30  # resources in the state when the first apply is stopped
LONG = 1500.0  # seconds: a busy machine needs several times what a quiet one does
Plans = Callable[[str], dict[str, Any]]


class Driver(python_terraform.Terraform):  # type: ignore[misc]
    """python-terraform with its faults mended: its environment, and the ``-force`` of its destroy."""

    def __init__(self, at: Account) -> None:
        self._environment = dict(at.tool.environment)
        names = [word.removeprefix("-var-file=") for word in at.values]
        super().__init__(
            working_dir=str(at.tool.folder), var_file=names, parallelism=composed.WIDTH,
            terraform_bin_path=str(terraform.binary()),
        )  # fmt: skip

    def cmd(self, cmd: str, *words: str, **options: Any) -> tuple[int, str, str]:
        """Run a command in the emulator's environment; the library only knows this process's."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self._environment.items():
                patch.setenv(name, value)
            found: tuple[int, str, str] = super().cmd(cmd, *words, **options)
        return found

    def destroy(self, **options: Any) -> tuple[int, str, str]:
        """Destroy all; Terraform no longer knows ``-force``."""
        found: tuple[int, str, str] = super().destroy(
            force=None, auto_approve=python_terraform.IsFlagged, **options
        )
        return found

    @contextmanager
    def beginning(self, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Start an apply and leave it running for the block; the library adds an option to its own."""
        words = self.generate_cmd_string(
            "apply", var_file=self.var_file, parallelism=self.parallelism, input=False,
            no_color=python_terraform.IsFlagged, auto_approve=python_terraform.IsFlagged,
        )  # fmt: skip
        with log.open("wb") as out:
            child = subprocess.Popen(
                words, cwd=self.working_dir, env=self._environment, stdout=out, stderr=out,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                yield child
            finally:
                child.wait(timeout=LONG)


@dataclass
class Applied:
    """What the session's one environment went through."""

    at: Account
    driver: Driver
    stopped: dict[str, str]  # address -> id of what stood when the first apply was stopped
    locked: str  # what a second run was told while the first held the state
    plan: dict[str, Any]  # after the apply, with every gap in force
    code: int  # of that plan, as -detailed-exitcode gives it
    numbers: dict[str, float] = field(default_factory=dict)

    def replanned(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Plan against what stands now; return the exit code and the plan."""
        return replanned(self.at, *words)


def state(tool: Terraform) -> dict[str, str]:
    """Return address -> id of every managed resource in the state that is not tainted."""
    values = json.loads(tool.run("show", "-json")).get("values", {})
    return {
        item["address"]: str(item["values"].get("id"))
        for item in opened.resources(values) if not item.get("tainted")
    }  # fmt: skip


def replanned(at: Account, *words: str) -> tuple[int, dict[str, Any]]:
    """Plan against what stands now; return the exit code and the plan."""
    done = at.tool.done(
        "plan", "-detailed-exitcode", "-input=false", "-no-color", "-out=again.tfplan",
        f"-parallelism={composed.WIDTH}", *at.values, *words, seconds=LONG,
    )  # fmt: skip
    assert done.returncode in (0, 2), terraform.problem(done)
    return done.returncode, json.loads(at.tool.run("show", "-json", "again.tfplan"))


def stop_half_way(at: Account, driver: Driver, log: Path) -> tuple[dict[str, str], str]:
    """Kill an apply by its id when it has made some; return what its state holds, and what a lock says."""
    locked = ""
    with driver.beginning(log) as child:
        while child.poll() is None:
            made = log.read_text(errors="replace").count("Creation complete")
            if made and not locked:
                with pytest.raises(Refused) as refusal:
                    at.tool.run("plan", "-input=false", "-no-color", *at.values)
                locked = str(refusal.value)
            if made >= HALF:
                os.kill(child.pid, signal.SIGTERM)
                break
            time.sleep(0.1)
    assert child.returncode != 0, "the apply ended before it could be stopped"
    return state(at.tool), locked


@pytest.fixture(scope="session")
def applied(
    rendered: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[Applied]:
    """Return production of the default project, applied to an AWS emulator."""
    work = tmp_path_factory.mktemp("applied")
    numbers: dict[str, float] = {"load average at the start": round(os.getloadavg()[0], 1)}
    with account.opened(rendered, "production", work) as at:
        driver = Driver(at)
        stopped, locked = stop_half_way(at, driver, work / "stopped.log")
        numbers["resources when stopped"] = len(stopped)
        begun = time.monotonic()
        code, out, err = driver.apply(skip_plan=True)
        numbers["apply, seconds"] = round(time.monotonic() - begun, 1)
        assert code == 0, terraform.problem(subprocess.CompletedProcess([], code, out, err))
        numbers["resources"] = len(state(at.tool))
        numbers["load average at the end"] = round(os.getloadavg()[0], 1)
        begun = time.monotonic()
        code, plan = replanned(at)
        numbers["re-plan, seconds"] = round(time.monotonic() - begun, 1)
        yield Applied(at, driver, stopped, locked, plan, code, numbers)


def test_an_apply_that_is_stopped_half_way_loses_nothing_and_the_same_command_goes_on(
    applied: Applied,
) -> None:
    now = state(applied.at.tool)
    assert HALF // 2 < len(applied.stopped) < len(now)
    assert {address: now.get(address) for address in applied.stopped} == applied.stopped


def test_a_state_that_another_run_holds_is_said_with_the_remedy(applied: Applied) -> None:
    assert "Error acquiring the state lock" in applied.locked
    assert "force-unlock" in applied.locked.partition("Remedy:")[2]


def test_the_plan_shows_what_the_emulator_lacks(plans: Plans) -> None:
    assert judged.broken_promises(plans("production"), gaps.read()) == []


def test_the_numbers_are_kept(applied: Applied) -> None:
    files.write_text(NUMBERS, json.dumps(applied.numbers, indent=1) + "\n")
    print(applied.numbers)
    wanted = {"resources", "apply, seconds", "re-plan, seconds"}
    assert wanted <= set(json.loads(NUMBERS.read_text()))
