"""`redoubt demo`: the whole path, each step the command that a person would type, as two people."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from redoubt import processes
from redoubt.errors import Refused
from redoubt.model import seam
from redoubt.settings import Settings
from redoubt.workshop import forks, indexes
from redoubt.workshop.caller import Caller

MAKER, CHECKER, PROGRAM = "mira", "ada", "loan-app"
# A server must not outlive a demonstration that was killed: Linux ends it with its parent (1, 15).
START = (
    "import ctypes, sys; sys.platform == 'linux' and ctypes.CDLL(None).prctl(1, 15); "
    "sys.argv[0] = 'redoubt'; from redoubt.cli import main; main()"
)
START_SECONDS = 60.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One command, and why it comes now."""

    why: str
    words: tuple[str, ...]


def release() -> tuple[Step, ...]:
    """Return the steps from a snapshot of data to a promoted model."""
    return (
        Step("champion and challenger are fitted and recorded", ("train",)),
        Step("the candidate is scanned, signed and registered", ("register",)),
        Step("the gates judge it", ("judge",)),
        Step(f"{CHECKER}, who is not on the model team, signs in", ("login", CHECKER)),
        Step(f"{CHECKER} approves this digest",
             ("approve", "--comment", "Demonstration: both gates passed at the limits of the platform.")),
        Step(f"{MAKER} signs in again", ("login", MAKER)),
        Step("the service must answer as the recipe does", ("judge", "--gate", "parity-service")),
        Step("the promotion is decided, signed and recorded", ("promote",)),
    )  # fmt: skip


AFTER = (
    Step("the decision log holds, link by link", ("log", "verify")),
    Step("the decision comes out the same again", ("log", "replay", "1")),
    Step("what is promoted now", ("status",)),
)


class Demo:
    """The demonstration in one project; every step may be repeated, so a killed one starts over.

    ``prepare`` opens the tracking store, which takes seconds the first time.
    """

    def __init__(self, settings: Settings, say: Say, prepare: Callable[[], None]) -> None:
        if not settings.development:
            raise Refused(
                f"The demonstration uses invented people, and this is {settings.environment}.",
                remedy="unset REDOUBT_ENVIRONMENT",
            )
        seam(settings.root)
        self.settings = settings
        self.say = say
        self.prepare = prepare
        self.started = time.monotonic()
        os.environ.update(processes.child_environment(settings.root, indexes.defaults(os.environ)))

    def run(self) -> None:
        """Take the starter model from data to a served decision. Raises Refused at a failing step."""
        self.say(_code_state(self.settings.root))
        with self.issuer():
            self.tell("the libraries are loaded once, for all steps")
            forks.warm()
            self.data()
            for step in release():
                self.step(step)
            self.served()
            for step in AFTER:
                self.step(step)
        self.say("\n" + "\n".join(self.ending()))

    def data(self) -> None:
        """Bring synthetic applications in, while the tracking store is made beside it."""
        with forks.beside(self.prepare):
            self.step(Step("keys and trust anchors of this machine", ("keys",)))
            step = Step("synthetic applications stand in for yours", ("data", "synthesize"))
            written = self.step(step).strip().splitlines()[-1]
            self.step(Step(f"{MAKER} of the model team signs in", ("login", MAKER)))
            step = Step("data enters under a contract, from a listed source",
                        ("data", "ingest", written))  # fmt: skip
            self.step(step)

    def tell(self, why: str, command: str = "") -> None:
        """Show what comes now, and the command that does it."""
        shown = f"\n$ {command}" if command else ""
        self.say(f"\n[{time.monotonic() - self.started:4.0f} s] {why}{shown}")

    def step(self, step: Step) -> str:
        """Run one command, showing it and what it says; return its output."""
        shown = f"redoubt {shlex.join(step.words)}"
        self.tell(step.why, shown)
        code, output = forks.verb(step.words, lambda line: self.say(f"  {line}"))
        if code:
            raise Refused(
                f"`{shown}` ended with exit code {code}.",
                remedy="read what it said above; then run the demonstration again",
            )
        return output

    def issuer(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Run the development issuer for the length of a block."""
        address = self.settings.state / "issuer" / "address.json"
        address.unlink(missing_ok=True)
        self.tell("an identity provider for this machine", "redoubt issuer start &")
        return self.running(("issuer", "start"), address.exists, "issuer")

    def running(
        self, words: tuple[str, ...], healthy: Callable[[], bool], name: str
    ) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Run a verb that serves, for the length of a block."""
        return processes.running(
            [sys.executable, "-c", START, *words], healthy=healthy, environment=os.environ,
            log=self.settings.state / "run" / f"{name}.log", seconds=START_SECONDS,
        )  # fmt: skip

    def served(self) -> None:
        """Start the service, ask it for one decision over TLS, and show the answer."""
        port = processes.free_port()
        self.tell("the service verifies everything, then listens", f"redoubt serve --port {port} &")
        caller = Caller(self.settings, port)
        with self.running(("serve", "--port", str(port)), caller.ready, "service"):
            _, token = forks.verb(("login", PROGRAM, "--print"), lambda _: None)
            body = caller.example()
            self.tell(f"{PROGRAM} asks for a decision", f"POST {caller.url}\n  {body}")
            answer = json.loads(caller.decide(body, token.strip()))
            self.say(json.dumps(answer, indent=2, ensure_ascii=False))

    def ending(self) -> list[str]:
        """Return what was recorded where, and how to go on."""
        root, state = self.settings.root, self.settings.state
        here = os.path.relpath(state, root)
        tool = os.path.relpath(Path(sys.executable).parent, root)
        store = self.settings.tracking
        return [
            f"Done in {time.monotonic() - self.started:.0f} s. Recorded in {here}/:",
            "  data/snapshots     the data, by digest, with its lineage",
            "  bundles            the signed model, its provenance",
            "  records            runs, gate results, approvals, decisions: one hash-chained ledger",
            "  decisions          every served decision, hash-chained; checkpoints signed apart",
            "  mlflow             the run: parameters, metrics, author",
            "Serve and call it again (each in a terminal of its own, in this folder):",
            f"  {tool}/redoubt issuer start",
            f"  {tool}/redoubt serve",
            f"  curl --cacert {here}/tls/ca.pem --data @{here}/run/request.json \\",
            f'    -H "authorization: Bearer $({tool}/redoubt login {PROGRAM} --print)" \\',
            "    -H 'content-type: application/json' "
            f"https://{self.settings.host}:{self.settings.port}/v1/decisions",
            "Look at the run in MLflow (it takes a while to start):",
            f"  MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false {tool}/mlflow ui --backend-store-uri {store}",
            "Show that the controls hold, and that their checks can fail:",
            "  ci/run -s verify      ci/run -s prove",
        ]


def _code_state(root: Path) -> str:
    """Say what the run record will name the code by."""
    done = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "--short", "HEAD"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return f"The run will name commit {done.stdout.strip()}."
    return ("This folder is no git repository with a commit, so the run will name a digest of the "
            "tree instead; outside development a promotion demands a clean commit.")  # fmt: skip
