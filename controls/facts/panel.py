"""The fact ``panel``: what `redoubt promote` decides in a project whose rooms answer as it is told.

The newest decision there names a model that is gone: an older promotion must not help or hinder.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import typer
import yaml

from redoubt import clock
from redoubt.proof import fact, lock, register, rooms, waivers
from redoubt.records import ControlResult, Decision
from redoubt.release import commands, issuer

if TYPE_CHECKING:
    from facts.desk import Desk, Desks

HANGS, SECONDS = "time.sleep(60)", 1  # how long the room that hangs is given
OTHER = "sha256:" + "0" * 64
YES, NO = "assert registered.digest == '{model}'", "assert registered.digest != '{model}'"
ANSWERS = {
    "GATE-02.1": YES,
    "GATE-02.2": NO,
    "GATE-02.3": "raise NotEvaluated('nobody knows', remedy='look')",
    "GATE-02.4": NO,
    "GATE-02.5": NO,
    "GATE-09.1": "os._exit(0)",
    "SUP-04.1": HANGS,
    "SUP-05.1": YES,
    "TRN-01.1": NO,
}
VERIFY = "import os\nimport time\n\nfrom redoubt.proof import NotEvaluated, proves\n"
TEST = '\n\n@proves("{name}")\ndef test_{number}(registered):\n    {answer}\n'
BREAK = {"name": "it is forgotten", "quiet": True, "kind": "append", "path": "a", "text": "b"}
CONTROL: dict[str, Any] = {
    "title": "A control", "state": "active", "objective": "It holds.", "threats": (),
    "tiers": {1: "blocking", 2: "blocking", 3: "blocking"}, "references": {},
    "limits": "It is tiny.", "remedy": "None needed.",
}  # fmt: skip


class Panel:
    """Rooms about a model that was released once and is decided on again."""

    def __init__(self, desk: Desk, controls: Path) -> None:
        self.desk, self.controls = desk, desk.root / "controls"
        (self.controls / "facts").mkdir(parents=True)
        (desk.root / "src" / desk.project.package).mkdir(parents=True, exist_ok=True)
        for name in ("conftest.py", "families.yml", "frameworks.yml", "facts/registered.py"):
            shutil.copy2(controls / name, self.controls / name)
        self.lock({})
        register.write(desk.root)
        path = desk.root / "project.yml"
        path.write_text(path.read_text().replace("rendered_tier: 3", "rendered_tier: 1"))
        desk.record(Decision, model=OTHER)

    def lock(self, files: dict[str, str]) -> None:
        """Write a lock over these files."""
        content = {"files": files, "closed": [], "open": [], "controls": {}}
        (self.desk.root / lock.NAME).write_text(json.dumps(content))

    def answer(self, answers: dict[str, str]) -> Panel:
        """Write a room for each control, with the bodies of its requirements' tests."""
        for control in {name.partition(".")[0] for name in answers}:
            folder = self.controls / f"{control}-a-control"
            folder.mkdir()
            own = {name: body for name, body in answers.items() if name.startswith(control)}
            claims = [{"id": name, "claim": "It is good.", "subject": "model", "breaks": [BREAK]}
                      for name in own]  # fmt: skip
            about = {"id": control, **CONTROL, "requirements": claims}
            about |= {"seconds": SECONDS} if HANGS in own.values() else {}
            (folder / "control.yml").write_text(yaml.safe_dump(about, sort_keys=False))
            tests = [TEST.format(name=name, number=number, answer=body.format(model=self.desk.digest))
                     for number, (name, body) in enumerate(own.items())]  # fmt: skip
            (folder / "verify.py").write_text(VERIFY + "".join(tests))
        register.write(self.desk.root)
        return self

    def waive(self, scopes: dict[str, str]) -> Panel:
        """Write a waiver for each requirement, of the model that it is for, and have it approved."""
        ask = {
            "justification": "The new figures are delivered in spring.", "requester": "mira",
            "compensating": "A person looks at each case until then.",
            "expires": clock.now().date() + timedelta(days=30),
        }  # fmt: skip
        entries = [{"id": name, "requirement": name, "scope": scope, **ask}
                   for name, scope in scopes.items()]  # fmt: skip
        (self.desk.root / waivers.FILE).write_text(yaml.safe_dump({"waivers": entries}))
        here = waivers.Desk(self.desk.settings, self.desk.project, rooms.read(self.desk.root))
        for name in scopes:
            waivers.approve(here, name, self.desk.approver("ada"))
        return self

    def decides(self) -> tuple[str, list[str]]:
        """Run the command; return the decision that it left on the ledger, and what it blames."""
        token = issuer.mint(self.desk.settings, "mira")
        with (
            contextlib.chdir(self.desk.root),
            mock.patch.dict(os.environ, {"REDOUBT_TOKEN": token}),
            contextlib.suppress(typer.Exit),
        ):
            commands.promote(self.desk.digest)
        *_, made = self.desk.ledger.all(Decision)
        return made.outcome, sorted(
            reason.removeprefix("control:").partition(":")[0] for reason in made.reasons
        )

    @property
    def said(self) -> ControlResult:
        """Return what the newest decision says that the rooms answered."""
        *_, newest = self.desk.ledger.all(ControlResult, self.desk.digest)
        return newest


class Panels:
    """Call it for a panel of its own."""

    ANSWERS, YES, OTHER = ANSWERS, YES, OTHER

    def __init__(self, desks: Desks, controls: Path) -> None:
        self._desks, self._controls = desks, controls

    def __call__(self) -> Panel:
        return Panel(self._desks(), self._controls)


@fact(
    reads=[
        "platform/src/redoubt/release/**",
        "platform/src/redoubt/proof/**",
        "platform/src/redoubt/admission.py",
    ]
)
def panel(desk: Desks, root: Path) -> Panels:
    return Panels(desk, root / "controls")
