"""One environment in an AWS emulator: begun, applied, and read while it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redoubt.infra import opened as rules
from redoubt.infra import planning, sandbox, terraform
from redoubt.infra.emulator import clients, composed, gaps, given, listing, server
from redoubt.infra.emulator.clients import Client
from redoubt.infra.emulator.gaps import Gap
from redoubt.infra.terraform import Terraform

LONG = 1500.0  # seconds: a busy machine needs several times what a quiet one does


class Emulated(Terraform):
    """Terraform in a private copy, whose plans know what the bank brings to the emulator."""

    def plan(self, *words: str, name: str = "plan.tfplan") -> dict[str, Any]:
        """Write a plan into the folder and return it as Terraform's JSON."""
        return super().plan(*words, f"-var-file={composed.GIVEN}", composed.AT_ONCE, name=name)


@dataclass(frozen=True)
class Account:
    """An emulated account with a private, initialised copy of the composition beside it."""

    environment: str
    tool: Terraform
    client: Client
    before: dict[str, set[str]]  # what lived in it before Terraform, by kind
    brought: dict[str, object]  # variables of what the bank brings

    @property
    def values(self) -> list[str]:
        """Return the files of values, relative to the copy, the emulator's last."""
        return composed.values(self.environment)

    def rewrite(self, entries: list[Gap]) -> None:
        """Let the copy lean on these gaps only."""
        composed.rewrite(self.tool.folder, self.brought, entries)

    def known(self, attribute: str = "id") -> dict[str, str]:
        """Return address -> id, or ``attribute``, of every managed resource in the state that is not tainted."""
        values = json.loads(self.tool.run("show", "-json")).get("values", {})
        return {
            item["address"]: str(item["values"].get(attribute))
            for item in rules.resources(values) if not item.get("tainted")
        }  # fmt: skip

    def planned(self) -> dict[str, Any]:
        """Return a plan against what stands now, as Terraform's JSON."""
        return self.tool.plan(sandbox.variables(self.environment), name="again.tfplan")


@contextmanager
def opened(root: Path, environment: str, work: Path) -> Iterator[Account]:
    """Yield an emulated account for one environment of a project, with nothing applied yet.

    Raises Unavailable without Terraform or moto, Refused with Terraform's words when it cannot begin.
    """
    answers = planning.answers(root)
    account, region = answers["accounts"][environment], answers["region"]
    with (
        server.running(account, region, work) as connection,
        terraform.configured(connection | sandbox.HASTE) as environ,
    ):
        client = clients.connected(connection)
        brought = given.bring(client)
        before = listing.everything(client)
        folder = composed.prepare(root / "infra", work, brought, gaps.read())
        tool = Emulated(folder, environ)
        tool.run("init", "-input=false", "-no-color", "-lockfile=readonly")
        yield Account(environment, tool, client, before, brought)
