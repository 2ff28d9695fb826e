"""What one environment goes through in an AWS emulator, from its first plan to its end, as one record.

The record holds what was seen and judges nothing; whoever reads it does. It takes minutes, so it is
kept under the digest of all that it depends on.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from redoubt import digests
from redoubt.errors import Refused
from redoubt.infra import drift, terraform
from redoubt.infra.emulator import adopted, byhand, gaps, judged, listing, readback, teardown
from redoubt.infra.emulator.account import Account

HALF = 190  # resources that are made, at least, when the first apply is killed
# It is killed in the longest of its waits, where a real one is most likely to be.
WAITS = "aws_db_instance.this: Still creating"
# The same command is given so often at most: once more for what stands already, and once more because the
# emulator makes a new secret for a database that was imported.
ATTEMPTS = 3
PLAN = "first.tfplan"
Record = dict[str, Any]
Say = Callable[[str], None]


class Driver(Protocol):
    """Who gives Terraform its commands."""

    def plan(self) -> tuple[int, str, str]:
        """Plan into PLAN; return exit code, output and errors."""

    def apply(self) -> tuple[int, str, str]:
        """Apply without a question; return exit code, output and errors."""

    def destroy(self) -> tuple[int, str, str]:
        """Destroy all without a question; return exit code, output and errors."""

    def beginning(self, log: Path) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Start that apply in a process group of its own and leave it running for the block."""


class Story:
    """The chapters, in their order; each adds what it saw to the record."""

    def __init__(self, at: Account, driver: Driver, say: Say) -> None:
        self.at, self.driver, self.say = at, driver, say
        self.seconds: dict[str, float] = {}
        self.record: Record = {"load": round(os.getloadavg()[0], 1), "seconds": self.seconds}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Measure a block in seconds; what bears the same name is added up."""
        self.say(name)
        begun = time.monotonic()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.monotonic() - begun, 1)

    def begin(self, log: Path) -> None:
        """Validate, plan, kill an apply half way, and give the same command again until all stands."""
        with self.timed("validate"):
            self.at.tool.run("validate", "-no-color")
        with self.timed("plan"):
            ended(self.driver.plan(), allowed=(2,))
        plan = json.loads(self.at.tool.run("show", "-json", PLAN))
        with self.timed("apply"):
            self.record["locked"] = kill_half_way(self.at, self.driver, log)
        known = self.at.known()
        self.record["killed"] = {"known": known, "unfinished": unfinished(log, known)}
        self.record["adopted"], self.record["said"] = [], []
        for _ in range(ATTEMPTS):
            there = adopted.refused("".join(self.record["said"][-1:]))
            self.record["adopted"] += there
            with adopted.importing(self.at, plan, there), self.timed("apply"):
                done = self.driver.apply()
            if not done[0]:
                break
            self.record["said"].append(done[2])
        ended(done)
        self.record["resources"] = self.at.known()
        self.record["strays"] = adopted.strays(self.at, self.record["killed"]["unfinished"])

    def look(self) -> None:
        """Plan again, with every gap in force and with none ignored, and read all back."""
        with self.timed("re-plan"):
            again = self.at.planned()
        self.record["again"] = judged.differences(again)
        self.record["drift"] = [found.line() for found in drift.found(again, self.at.tool.folder)]
        with self.leaning_on("absent", "set", "variable"):
            self.record["ignored"] = judged.differences(self.at.planned())
        self.record["read"] = readback.read(self.at.client)

    def change(self, drifts: Callable[[Account], tuple[int, str]]) -> None:
        """Change things by hand, ask for the drift, mend it with the same command and ask again."""
        close = byhand.change(self.at.client)
        self.record["changed"] = dict(zip(("code", "said"), drifts(self.at), strict=True))
        close()
        with self.timed("repair"):
            ended(self.driver.apply())
        self.record["repaired"] = dict(zip(("code", "said"), drifts(self.at), strict=True))

    def want(self) -> None:
        """Apply what is switched off for the emulator, to see that it is still refused."""
        with self.leaning_on("set", "ignored"), self.timed("what the emulator lacks"):
            done = self.at.tool.done(
                "apply", "-json", "-auto-approve", "-input=false", "-refresh=false",
                *[f"-var-file={name}" for name in self.at.values],
            )  # fmt: skip
        self.record["refused"] = sorted(judged.refusals(done.stdout))
        self.record["features"] = readback.features(self.at.client("guardduty"))

    def end(self) -> None:
        """Lift the protections by hand, destroy all, and list what is left."""
        self.record["unlocked"] = teardown.unlock(self.at.client)
        teardown.remove(self.at.client, self.record["strays"])
        with self.timed("destroy"):
            done = self.driver.destroy()
        names, self.record["resisted"] = teardown.lost(done[2])
        teardown.forget(self.at, names)
        if done[0]:
            resisting = [gap for gap in gaps.read() if gap.kind == "resists"]
            self.record["released"] = teardown.release(self.at, resisting)
            done = self.destroyed()
        ended(done)
        self.record["left"] = {
            "known": self.at.known(), "standing": listing.left(self.at.client, self.at.before)
        }  # fmt: skip

    def destroyed(self) -> tuple[int, str, str]:
        """Give the command to destroy until it ends well, at most ATTEMPTS times; return its end."""
        for _ in range(ATTEMPTS):
            with self.timed("destroy"):
                done = self.driver.destroy()
            if not done[0]:
                break
            teardown.forget(self.at, teardown.lost(done[2])[0])
            self.say(done[2])
        return done

    @contextmanager
    def leaning_on(self, *kinds: str) -> Iterator[None]:
        """Let the copy lean on gaps of these kinds only, for a block."""
        kept = gaps.read()
        self.at.rewrite([gap for gap in kept if gap.kind in kinds])
        try:
            yield
        finally:
            self.at.rewrite(kept)


def ended(done: tuple[int, str, str], allowed: tuple[int, ...] = (0,)) -> None:
    """Raise Refused with Terraform's own words unless a command ended well."""
    code, out, err = done
    if code not in allowed:
        raise terraform.refused(subprocess.CompletedProcess(["command"], code, out, err))


def kill_half_way(at: Account, driver: Driver, log: Path) -> str:
    """Kill an apply with its provider when it has made HALF; return what a second run was told before.

    Terraform writes its state down every 20 seconds at most. Killed before that, it has made a second
    time what it had made since; here it is killed when all that is made is written.
    """
    locked = ""
    with driver.beginning(log) as child:
        while child.poll() is None:
            said = log.read_text(errors="replace")
            made = said.count("Creation complete")
            if made and not locked:
                locked = refusal(at)
            if made >= HALF and WAITS in said and written(at) >= made:
                os.killpg(child.pid, signal.SIGKILL)
                break
            time.sleep(0.05)
    if child.wait() != -signal.SIGKILL:
        raise Refused(
            f"the apply ended with {child.returncode} before it could be killed: see {log}",
            remedy="read its log",
        )
    return locked


def written(at: Account) -> int:
    """Return how many resources the state on disk holds; none while it is being written."""
    try:
        state = json.loads((at.tool.folder / "terraform.tfstate").read_text())
    except (OSError, ValueError):
        return 0
    return sum(len(one["instances"]) for one in state["resources"] if one["mode"] == "managed")


def refusal(at: Account) -> str:
    """Return what a run is told while another holds the state."""
    try:
        at.planned()
    except Refused as error:
        return str(error)
    return ""


def unfinished(log: Path, known: dict[str, str]) -> list[str]:
    """Return the addresses that were begun and are not in the state, sorted."""
    begun = [
        line.partition(": Creating...") for line in log.read_text(errors="replace").splitlines()
    ]
    return sorted({address for address, found, _ in begun if found} - set(known))


def inputs(root: Path, more: dict[str, str]) -> str:
    """Return the digest of a project's composition, of this package and of ``more``."""
    package = Path(__file__).resolve().parents[1]
    ours = [
        path
        for path in (root / "infra").rglob("*")
        if path.is_file() and ".terraform" not in path.parts
    ]
    code = [path for path in package.rglob("*") if path.suffix in (".py", ".yml")]
    return digests.digest_of([digests.tree(root, ours), digests.tree(package, code), more])
