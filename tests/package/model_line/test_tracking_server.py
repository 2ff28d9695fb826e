"""A real `mlflow server` on loopback: a model is released through it, and it may die at any moment."""

from __future__ import annotations

import os
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from redoubt import choice, model, processes, project
from redoubt.errors import Unavailable
from redoubt.gates import candidate
from redoubt.ledger import Ledger
from redoubt.release import issuer, promote, register, status
from redoubt.release.registry import ALIAS, Registry
from redoubt.settings import Settings
from redoubt.training import train

from .conftest import fact

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("mlflow-server")]


class Server:
    """One server over SQLite, its artefacts in a folder of its own; it can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, processes.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._running = ExitStack()

    def start(self) -> None:
        words = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        words += ["--backend-store-uri", f"sqlite:///{self.folder / 'server.db'}"]
        words += ["--artifacts-destination", str(self.folder / "artefacts")]
        self._running.enter_context(processes.running(
            [sys.executable, "-m", "mlflow", "server", *words], healthy=self._healthy,
            # Jobs of its own, which nobody asks for here, would be three more processes.
            environment=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            log=self.folder / "server.log", seconds=120,
        ))  # fmt: skip

    def stop(self) -> None:
        self._running.close()

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server"))
    made.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REDOUBT_TRACKING_URI", made.url)
        yield made
    made.stop()


@pytest.fixture(scope="module")
def line(server: Server, snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project whose model went from training to promotion through the server."""
    made = {name: tmp_path_factory.mktemp(name) for name in ("over-http", "promoted-over-http")}
    fact("trained")(snapshot, work=made["over-http"])
    fact("released")(made["over-http"], work=made["promoted-over-http"])
    return made["promoted-over-http"]


@pytest.fixture
def bank(server: Server, line: Path, copy_of: Callable[[Path], Path]) -> Iterator[Any]:
    """Return a private copy of that project's settings; the server runs again afterwards."""
    yield Settings(root=copy_of(line))
    if not server._healthy():
        server.start()


def trained(bank: Settings, **options: Any) -> train.Candidate:
    mira = issuer.identity(bank, "mira")
    return train.train(bank, project.load(bank.root), model.load(bank.root), by=mira, **options)


def kept(bank: Settings) -> tuple[int, set[str], set[str]]:
    """Return how many records, which candidates and which bundles there are."""
    candidates, bundles = (
        {path.name for path in (bank.state / name).iterdir()} for name in ("candidates", "bundles")
    )
    return len(list(Ledger(bank).entries())), candidates, bundles


def refused(action: Callable[..., Any], *words: Any, **options: Any) -> None:
    with pytest.raises(Unavailable, match="does not answer") as error:
        action(*words, **options)
    assert error.value.exit_code == 3
    assert "REDOUBT_TRACKING_URI" in error.value.remedy


def test_a_release_through_the_server_is_whole_and_found_by_digest(bank: Settings, server) -> None:
    digest = choice.choose(bank, None, "bundles")
    found = candidate.find(bank, digest)
    assert found.run.tracking == server.url
    assert not (bank.state / "mlflow" / "mlflow.db").exists() or bank.tracking_uri
    assert Registry(bank, project.load(bank.root)).champion() == digest
    assert status.status(bank, project.load(bank.root)).problems == ()
    artefacts = {path.name for path in (server.folder / "artefacts").rglob("*.*")}
    assert {"model.onnx", "manifest.json", "run.json"} <= artefacts


def test_an_alias_that_somebody_moved_is_told_and_put_back_by_promoting_again(bank) -> None:
    facts, digest = project.load(bank.root), choice.choose(bank, None, "bundles")
    registry = Registry(bank, facts)
    registry._client.delete_registered_model_alias(registry.name, ALIAS)
    assert any("alias" in problem for problem in status.status(bank, facts).problems)
    promote.follow(bank, facts)
    assert registry.champion() == digest


def test_without_the_server_nothing_is_trained_or_registered(bank: Settings, server) -> None:
    made = trained(bank)
    before, mira = kept(bank), issuer.identity(bank, "mira")
    server.stop()
    refused(trained, bank, seed=8)
    refused(register.register, bank, project.load(bank.root), made.digest, mira)
    assert kept(bank)[:2] == before[:2]
    server.start()
    register.register(bank, project.load(bank.root), made.digest, mira)
    assert kept(bank)[0] == before[0] + 1


def test_a_server_that_dies_while_a_run_is_recorded_leaves_no_candidate(bank, server) -> None:
    before = kept(bank)
    refused(trained, bank, tell=lambda text: server.stop() if text == "recording the run" else None)
    assert kept(bank) == before
