"""A small bank for release tests: a project with keys, an MLflow store and a hand-made candidate."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import yaml
from onnx import TensorProto, helper

from redoubt import admission, bundle, clock, digests, limits, project, records, run_record
from redoubt.identity import Identity
from redoubt.ledger import Ledger
from redoubt.release import approve, issuer, keys, promote, register
from redoubt.settings import Settings

FACTS = {
    "name": "Bank", "package": "bank", "description": "", "repository": "bank",
    "use_case": "credit_default", "override": None, "rendered_tier": 1, "python": "3.13",
    "facts": {"customer_impact": "individuals", "financial_exposure": "high",
              "autonomy": "automatic", "complexity": "complex"},
    "jurisdictions": ["eu"],
    "teams": {name: name for name in ("model", "platform", "security", "validators", "approvers")},
}  # fmt: skip
DATA = digests.digest(b"data")
AUC = {f"auc_{split}": {"value": 0.7, "low": 0.6, "high": 0.8, "n": 100}
       for split in ("out_of_sample", "out_of_time")}  # fmt: skip
OFFLINE = ("performance", "parity-onnx")
ALL = (*OFFLINE, "parity-service")


def agreed(case: admission.Case, **changes: Any) -> records.ControlResult:
    """Answer for the rooms of a project that has none: all is well, or what is said here."""
    said = {
        "model": case.digest, "tier": case.project.tier, "catalogue": None, "denials": (),
        "results": {"GATE-01.8": "pass"}, "waivers": {},
    }  # fmt: skip
    return records.ControlResult(**(said | changes))


@dataclass
class Office:
    """One state folder, the people who act on it, and the steps that they take."""

    settings: Settings
    digest: str

    @cached_property
    def project(self) -> project.Project:
        return project.load(self.settings.root)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.settings)

    def person(self, name: str, **claims: Any) -> Identity:
        return issuer.identity(self.settings, name, **claims)

    @property
    def mira(self) -> Identity:
        return self.person("mira")

    @property
    def ada(self) -> Identity:
        return self.person("ada")

    def result(self, gate: str, **changes: Any) -> records.GateResult:
        rules = limits.load(self.settings.root, "gates", 1, self.project.jurisdictions)
        said = {
            "gate": gate, "model": self.digest, "dataset": DATA, "tier": 1,
            "outcome": "pass", "measured": {}, "limits": {}, "rules": rules.rules, "reasons": (),
            "by": self.ada.actor(), "at": clock.now(),
        }  # fmt: skip
        return records.GateResult(**(said | changes))

    def judge(self, *gates: str, **changes: Any) -> None:
        for gate in gates:
            self.ledger.append(self.result(gate, **changes))

    def register(self) -> records.Registration:
        return register.register(self.settings, self.project, self.digest, self.mira)

    def approve(self, by: Identity | None = None) -> records.Approval:
        by = by or self.ada
        return approve.approve(self.settings, self.project, self.digest, by, "reviewed")

    def promote(self, by: Identity | None = None, rooms: Any = agreed) -> records.Decision:
        return promote.promote(self.settings, self.project, self.digest, by or self.mira, rooms)

    def admit(self) -> admission.Admitted:
        return admission.admit(self.settings, self.project, self.digest, candidate=False)

    @property
    def folder(self) -> Path:
        return self.settings.state / "bundles" / bundle.name(self.digest)

    def another(self, **changes: Any) -> Office:
        """Return the office with a second candidate, trained with other parameters."""
        made = candidate(self.settings, parameters={"second": True}, **changes)
        return Office(self.settings, made)


def tiny_onnx(bias: float = 0.0) -> bytes:
    """Return a graph of two features: sigmoid(x @ w + b)."""
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["features", "w", "b"], ["logit"]),
         helper.make_node("Sigmoid", ["logit"], ["score"])],
        "tiny",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, [None, 1])],
        [onnx.numpy_helper.from_array(np.ones((2, 1), np.float32), "w"),
         onnx.numpy_helper.from_array(np.array([bias], np.float32), "b")],
    )  # fmt: skip
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    return bytes(made.SerializeToString())


def data_records(by: records.Actor) -> tuple[records.Lineage, records.Splits]:
    """Return the lineage and the locked splits of a dataset that nobody needs to read."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    source = records.Source(name="file", kind="file", location="loans.csv", file_digest=DATA)
    lineage = records.Lineage(
        dataset=DATA, source=source, contract=DATA, rows=9, quarantined=0, columns=("a", "b"),
        by=by, at=moment,
    )  # fmt: skip
    splits = records.Splits(
        dataset=DATA, seed=7, rows={"train": 9}, assignment=DATA, out_of_time_from="2025-01-01",
        locked=moment,
    )  # fmt: skip
    return lineage, splits


def a_run(settings: Settings, run_id: str, **changes: Any) -> records.Run:
    """Return a complete run record; its lineage and splits go on the ledger first."""
    mira = issuer.identity(settings, "mira").actor()
    lineage, splits = data_records(mira)
    ledger = Ledger(settings)
    if not list(ledger.all(records.Lineage)):
        ledger.append(lineage)
        ledger.append(splits)
    said: dict[str, Any] = {
        "run_id": run_id, "project": "bank", "profile": "pd", "tier": 1,
        "author": mira,
        "code": {"commit": None, "clean": False, "tree": digests.digest(b"tree"), "basis": "tree"},
        "dataset": DATA, "lineage": lineage.digest, "splits": splits.digest,
        "environment": {"python": "3.11", "platform": "linux",
                        "packages": digests.digest(b"packages"), "lock": digests.digest(b"lock")},
        "seed": 7, "parameters": {"depth": 3},
        "metrics": AUC, "challenger": AUC, "tracking": "sqlite", "at": clock.now(),
    }  # fmt: skip
    return records.Run.model_validate(said | changes)


def candidate(settings: Settings, *, model: bytes | None = None, **changes: Any) -> str:
    """Write a hand-made candidate, its MLflow run and its ledger entry; return its digest."""
    from mlflow import MlflowClient

    client = MlflowClient(settings.tracking, settings.tracking)
    run = a_run(settings, client.create_run("0").info.run_id, **changes)
    for name, value in run_record.tags(run).items():
        client.set_tag(run.run_id, name, value)
    contents = {
        "model.onnx": model or tiny_onnx(),
        "run.json": run.canonical(),
        "columns.json": b"[]",
        "support.json": records.Record.canonical(
            bundle.Support(mean=(0, 0), reference=(0, 0), whitening=((1, 0), (0, 1)), distance=9)
        ),
        "reasons.json": b"{}",
        "bands.json": bundle.Bands(digits=2, edges=(0.5,), names=("low", "high")).canonical(),
        "golden.json": bundle.Golden(inputs={}, scores=(), tolerance=0.0).canonical(),
    }
    manifest = records.Manifest(
        project=run.project, profile="pd", tier=run.tier, run=run.digest, serving_code={},
        features=("a", "b"), files={name: digests.digest(data) for name, data in contents.items()},
    )  # fmt: skip
    folder = settings.state / "candidates" / bundle.name(manifest.digest)
    folder.mkdir(parents=True, exist_ok=True)
    Ledger(settings).append(run)
    return bundle.write(folder, manifest, contents)


@pytest.fixture(scope="session")
def said() -> Callable[..., records.ControlResult]:
    """Return ``said(case, **changes)``: an answer of the rooms, all well unless changed."""
    return agreed


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return ``stages(name)``: a prepared folder, each made once from the one before. Read only."""
    made: dict[str, Path] = {}
    steps: dict[str, tuple[str | None, Callable[[Office], Any]]] = {
        "candidate": (None, lambda office: None),
        "registered": ("candidate", lambda office: office.register()),
        "judged": ("registered", lambda office: office.judge(*OFFLINE)),
        "approved": ("judged", lambda office: office.approve()),
        "ready": ("approved", lambda office: office.judge("parity-service")),
        "promoted": ("ready", lambda office: office.promote()),
    }

    def make(name: str) -> Path:
        if name not in made:
            before, step = steps[name]
            root = tmp_path_factory.mktemp(name)
            if before is None:
                (root / "project.yml").write_text(yaml.safe_dump(FACTS))
                settings = Settings(root=root)
                keys.create(settings)
                (settings.state / "mlflow").mkdir(parents=True)
                (root / "digest").write_text(candidate(settings))
            else:
                shutil.copytree(make(before), root, dirs_exist_ok=True)
            step(Office(Settings(root=root), (root / "digest").read_text()))
            made[name] = root
        return made[name]

    return make


@pytest.fixture
def office(stages: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Office]:
    """Return ``office(stage)``: an own copy of a state: candidate, registered, … promoted."""

    def make(stage: str) -> Office:
        root = tmp_path / stage
        shutil.copytree(stages(stage), root)
        return Office(Settings(root=root), (root / "digest").read_text())

    return make


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return ``later(days=…)``, which moves the clock; negative values set it back."""
    real = clock.now

    def move(**delta: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(**delta))

    return move


@pytest.fixture
def flip() -> Callable[[Path], None]:
    """Return ``flip(path)``, which changes one bit in the middle of a file."""

    def change(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    return change


@pytest.fixture
def envelopes() -> Callable[[Path], list[Any]]:
    """Return ``envelopes(path)``: the parsed lines of a chain."""
    return lambda path: [json.loads(line) for line in path.read_text().splitlines()]
