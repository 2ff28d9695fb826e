"""`redoubt demo`: the whole path, each step the command that a person would type, as two people."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from redoubt import bundle, choice, files, processes
from redoubt.errors import RedoubtError, Refused, Unavailable
from redoubt.model import seam
from redoubt.settings import Settings

MAKER, CHECKER, CALLER = "mira", "ada", "loan-app"
START = "import sys; sys.argv[0] = 'redoubt'; from redoubt.cli import main; main()"
START_SECONDS = 60.0
QUIET = {"PYTHONUNBUFFERED": "1", "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
         "OMP_NUM_THREADS": "1", "NO_COLOR": "1"}  # fmt: skip
Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One command, and why it comes now."""

    why: str
    words: tuple[str, ...]


def before(data: Path) -> tuple[Step, ...]:
    """Return the steps from nothing to a promoted model; ``data`` is what synthesize wrote."""
    return (
        Step(f"{MAKER} of the model team signs in", ("login", MAKER)),
        Step("data enters under a contract, from a listed source", ("data", "ingest", str(data))),
        Step("champion and challenger are fitted and recorded", ("train",)),
        Step("the candidate is scanned, signed and registered", ("register",)),
        Step("the gates judge it", ("judge",)),
        Step(f"{CHECKER}, who is not on the model team, signs in", ("login", CHECKER)),
        Step(f"{CHECKER} approves this digest",
             ("approve", "--comment", "Demonstration: both gates passed, limits as the platform's.")),
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
    """The demonstration in one project; every step may be repeated, so a killed one starts over."""

    def __init__(self, settings: Settings, say: Say) -> None:
        if not settings.development:
            raise Refused(
                f"The demonstration uses invented people, and this is {settings.environment}.",
                remedy="unset REDOUBT_ENVIRONMENT",
            )
        seam(settings.root)
        self.settings = settings
        self.say = say
        self.environment = processes.child_environment(settings.root, QUIET)
        self.started = time.monotonic()

    def run(self) -> None:
        """Take the starter model from data to a served decision. Raises Refused at a failing step."""
        self.say(_code_state(self.settings.root))
        self.step(Step("keys and trust anchors of this machine", ("keys",)))
        with self.issuer():
            step = Step("synthetic applications stand in for yours", ("data", "synthesize"))
            data = self.settings.root / self.step(step).strip().splitlines()[-1]
            for step in before(data):
                self.step(step)
            self.served()
            for step in AFTER:
                self.step(step)
        self.say("\n" + "\n".join(self.ending()))

    def step(self, step: Step) -> str:
        """Run one command, showing it and what it says; return its output."""
        shown = " ".join(f"'{word}'" if " " in word else word for word in step.words)
        self.say(f"\n[{time.monotonic() - self.started:4.0f} s] {step.why}\n$ redoubt {shown}")
        done = subprocess.run(
            self.command(*step.words), env=self.environment, cwd=self.settings.root,
            stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        for line in done.stdout.splitlines():
            self.say("  " + line)
        if done.returncode:
            raise Refused(
                f"`redoubt {shown}` ended with exit code {done.returncode}.",
                remedy="read what it said above; then run the demonstration again",
            )
        return done.stdout

    def command(self, *words: str) -> list[str]:
        """Return the command line of a verb, as this Python runs it."""
        return [sys.executable, "-c", START, *words]

    def issuer(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Run the development issuer for the length of a block."""
        address = self.settings.state / "issuer" / "address.json"
        address.unlink(missing_ok=True)
        self.say(f"\n[{time.monotonic() - self.started:4.0f} s] "
                 "an identity provider for this machine\n$ redoubt issuer start &")  # fmt: skip
        return processes.running(
            self.command("issuer", "start"), healthy=address.exists, environment=self.environment,
            log=self.settings.state / "run" / "issuer.log", seconds=START_SECONDS,
        )  # fmt: skip

    def served(self) -> None:
        """Start the service, ask it for one decision over TLS, and show the answer."""
        port = processes.free_port()
        self.say(f"\n[{time.monotonic() - self.started:4.0f} s] the service verifies everything, "
                 f"then listens\n$ redoubt serve --port {port} &")  # fmt: skip
        with processes.running(
            self.command("serve", "--port", str(port)), healthy=lambda: self.ready(port),
            environment=self.environment, log=self.settings.state / "run" / "service.log",
            seconds=START_SECONDS,
        ):  # fmt: skip
            token = self.token()
            body = self.request()
            self.say(f"\n[{time.monotonic() - self.started:4.0f} s] {CALLER} asks for a decision: "
                     f"POST /v1/decisions\n  {body}")  # fmt: skip
            answer = self.ask(port, "/v1/decisions", body.encode(), token)
            self.say(json.dumps(json.loads(answer), indent=2, ensure_ascii=False))

    def token(self) -> str:
        """Return a token of the calling program; it is not shown."""
        done = subprocess.run(
            self.command("login", CALLER, "--print"), env=self.environment, text=True,
            cwd=self.settings.root, stdout=subprocess.PIPE, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Unavailable(f"No token for {CALLER}.", remedy="read what was said above")
        return done.stdout.strip()

    def request(self) -> str:
        """Write and return a request: the first golden row of the model that was promoted."""
        digest = choice.choose(self.settings, None, "bundles")
        golden = bundle.load(self.settings.state / "bundles" / bundle.name(digest)).golden
        inputs = {name: values[0] for name, values in golden.inputs.items()}
        body = json.dumps({"inputs": inputs})
        files.write_text(self.settings.state / "run" / "request.json", body)
        return body

    def ready(self, port: int) -> bool:
        """Say whether the service answers that it is ready."""
        try:
            self.ask(port, "/readyz")
        except (OSError, RedoubtError):
            return False
        return True

    def ask(self, port: int, path: str, body: bytes | None = None, token: str = "") -> bytes:
        """Return the body of the answer. Raises Refused for an answer that is no success."""
        trust = ssl.create_default_context(cafile=str(self.settings.state / "tls" / "ca.pem"))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
        )
        headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        where = urllib.request.Request(f"https://127.0.0.1:{port}{path}", body, headers)
        try:
            with opener.open(where, timeout=10) as reply:
                return bytes(reply.read())
        except urllib.error.HTTPError as error:
            raise Refused(f"The service says {error.code}.", remedy="read var/run") from error

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
            f'    -H "authorization: Bearer $({tool}/redoubt login {CALLER} --print)" \\',
            "    -H 'content-type: application/json' "
            f"https://{self.settings.host}:{self.settings.port}/v1/decisions",
            "Look at the run in MLflow:",
            f"  {tool}/mlflow ui --backend-store-uri {store}",
            "Show that the controls hold, and that their checks can fail:",
            "  nox -s verify        nox -s prove",
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
