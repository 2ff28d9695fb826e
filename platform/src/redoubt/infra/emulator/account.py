"""One environment in an AWS emulator: begun, applied, and read while it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redoubt.infra import planning, terraform
from redoubt.infra.emulator import clients, composed, gaps, given, listing, server
from redoubt.infra.emulator.clients import Client
from redoubt.infra.emulator.gaps import Gap
from redoubt.infra.terraform import Terraform


@dataclass(frozen=True)
class Account:
    """An emulated account with a private, initialised copy of the composition beside it."""

    tool: Terraform
    client: Client
    before: dict[str, set[str]]  # what lived in it before Terraform, by kind
    values: list[str]  # options that name the files of values
    brought: dict[str, object]  # variables of what the bank brings

    def rewrite(self, entries: list[Gap]) -> None:
        """Let the copy lean on these gaps only."""
        composed.rewrite(self.tool.folder, self.brought, entries)


@contextmanager
def opened(root: Path, environment: str, work: Path) -> Iterator[Account]:
    """Yield an emulated account for one environment of a project, with nothing applied yet.

    Raises Unavailable without Terraform or moto, Refused with Terraform's words when it cannot begin.
    """
    answers = planning.answers(root)
    account, region = answers["accounts"][environment], answers["region"]
    with (
        server.running(account, region, work) as connection,
        terraform.configured(connection) as environ,
    ):
        client = clients.connected(connection)
        brought = given.bring(client)
        before = listing.everything(client)
        folder = composed.prepare(root / "infra", work, brought, gaps.read())
        tool = Terraform(folder, environ)
        tool.run("init", "-input=false", "-no-color", "-lockfile=readonly")
        values = [f"-var-file={name}" for name in composed.values(environment)]
        yield Account(tool, client, before, values, brought)
