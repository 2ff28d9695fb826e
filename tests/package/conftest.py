"""A released model made by hand in a second: signed records and a bundle, no training, no MLflow."""

import asyncio
import dataclasses
import json
import shutil
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from redoubt import (
    admission,
    bundle,
    clock,
    columns,
    digests,
    modelsign,
    project,
    provenance,
    records,
)
from redoubt.ledger import Ledger
from redoubt.model import serving_code
from redoubt.profiles.pd.reference import recipe
from redoubt.profiles.pd.reference.model import MODEL
from redoubt.release import issuer, keys
from redoubt.serving import handle
from redoubt.serving.app import create_app
from redoubt.settings import Settings

SOME = "sha256:" + "5" * 64
PYPROJECT = '[tool.redoubt]\nmodel = "redoubt.profiles.pd.reference.model:MODEL"\n'
PROJECT = """\
name: Bench
package: bench
description: Tests
repository: bench
use_case: credit_default
facts: {customer_impact: individuals, financial_exposure: moderate, autonomy: automatic, complexity: moderate}
override:
rendered_tier: 1
jurisdictions: [eu]
teams: {model: m, platform: p, security: s, validators: v, approvers: a}
python: "3.13"
"""


def make_applicants(n, seed=1):
    """Return n plausible applications as rows of the reference schema."""
    r = np.random.default_rng(seed)
    return [
        {
            "annual_income": round(float(np.clip(np.exp(r.normal(10.5, 0.5)), 1000, 2e6)), 2),
            "requested_amount": round(float(r.uniform(1000, 40_000)), 2),
            "term_months": int(r.integers(6, 85)),
            "debt_to_income": round(float(r.uniform(0, 1)), 3),
            "utilisation": None if r.random() < 0.1 else round(float(r.uniform(0, 1)), 3),
            "months_employed": None if r.random() < 0.1 else int(r.integers(0, 300)),
            "months_since_delinquency": None if r.random() < 0.7 else int(r.integers(0, 120)),
            "enquiries_6m": int(r.poisson(1)),
            "housing": str(r.choice(["own", "mortgage", "rent"])),
        }
        for _ in range(n)
    ]


def _column(column, rows):
    seen = [row[column.name] for row in rows if row[column.name] is not None]
    number = column.kind in columns.NUMERIC
    return bundle.RequestColumn(
        name=column.name, type=column.kind, meaning=column.meaning, low=column.low,
        high=column.high, levels=column.levels, missing=column.missing,
        seen_low=float(min(seen)) if number else None,
        seen_high=float(max(seen)) if number else None,
        seen_levels=() if number else tuple(sorted(set(seen))),
    )  # fmt: skip


def _support(matrix, good):
    mean = np.nanmean(matrix, 0)
    filled = np.where(np.isnan(matrix), mean, matrix).astype(float)
    inverse = np.linalg.inv(np.cov(filled.T) + 1e-9 * np.eye(len(mean)))
    whitening = np.linalg.cholesky(inverse).T
    distance = np.linalg.norm((filled - mean) @ whitening.T, axis=1).max() * 1.02
    return bundle.Support(
        mean=tuple(map(float, mean)), distance=float(distance),
        reference=tuple(map(float, np.nanmedian(matrix[good], 0))),
        whitening=tuple(tuple(map(float, row)) for row in whitening),
    )  # fmt: skip


def _history(author):
    """Return lineage and splits of a dataset that nobody ingested."""
    lineage = records.Lineage(
        dataset=SOME, contract=SOME, rows=2000, quarantined=0, columns=("x",), by=author,
        source=records.Source(name="tests", kind="file", location="none", file_digest=SOME),
        at=clock.now(),
    )  # fmt: skip
    splits = records.Splits(
        dataset=SOME, seed=7, rows={"train": 2000}, assignment=SOME, out_of_time_from="2026-01-01",
        locked=clock.now(),
    )  # fmt: skip
    return lineage, splits


def _run(author, tier, lineage, splits):
    metric = records.Metric(value=0.8, low=0.7, high=0.9, n=2000)
    metrics = {"auc_out_of_sample": metric, "auc_out_of_time": metric}
    return records.Run(
        run_id="0" * 32, project="bench", profile="pd", tier=tier, author=author,
        code=records.CodeState(commit=None, clean=True, tree=SOME, basis="tree"),
        dataset=SOME, lineage=lineage.digest, splits=splits.digest, seed=7,
        parameters={"max_iter": 100}, metrics=metrics, challenger=metrics, tracking="none",
        at=clock.now(),
        environment=records.Environment(python="3", platform="x", packages=SOME, lock=SOME),
    )  # fmt: skip


def write_bundle(folder, run):
    """Fit the reference recipe on random rows and write its bundle; return the digest."""
    rows = make_applicants(2000)
    kinds = {column.name: column.kind for column in MODEL.schema.inputs}
    values = {name: [row[name] for row in rows] for name in kinds}
    matrix = MODEL.features(columns.arrays(kinds, values))
    known = np.nan_to_num(matrix)
    risk = 2 * known[:, 4] + known[:, 1] + 0.5 * known[:, 7] - 1.5 * (known[:, 0] - 10.5) - 3
    y = (np.random.default_rng(0).random(len(rows)) < 1 / (1 + np.exp(-risk))).astype(float)
    fitted = recipe.fit(matrix, y, 7)
    golden = bundle.Golden(
        inputs={name: tuple(values[name][:20]) for name in kinds}, tolerance=1e-5,
        scores=tuple(map(float, fitted.predict(matrix[:20]))),
    )  # fmt: skip
    bands = bundle.Bands(digits=3, edges=(0.05, 0.1, 0.2, 0.4, 1.0), names=tuple("ABCDE"))
    described = [_column(column, rows).model_dump(mode="json") for column in MODEL.schema.inputs]
    files = {
        "model.onnx": fitted.to_onnx(), "run.json": run.canonical(),
        "columns.json": digests.canonical(described),
        "support.json": _support(matrix, y == 0).canonical(), "bands.json": bands.canonical(),
        "reasons.json": digests.canonical(dict(MODEL.reasons)), "golden.json": golden.canonical(),
    }  # fmt: skip
    manifest = records.Manifest(
        project=run.project, profile=run.profile, tier=run.tier, run=run.digest,
        serving_code=serving_code(MODEL), features=MODEL.features.names,
        files={name: digests.digest(data) for name, data in files.items()},
    )  # fmt: skip
    folder.mkdir(parents=True)
    return bundle.write(folder, manifest, files)


def _gate(case, name, by):
    return records.GateResult(
        gate=name, model=case.digest, dataset=case.bundle.run.dataset, tier=case.project.tier,
        outcome="pass", measured={}, limits={}, rules=case.rules.rules, reasons=(), by=by,
        at=clock.now(),
    )  # fmt: skip


def release(root, *, expires=None, steps=("approve", "promote")):
    """Write a project with a registered, approved and promoted model; return its digest."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "project.yml").write_text(PROJECT)
    settings, facts = Settings(root=root), project.load(root)
    keys.create(settings)
    mira, ada = (issuer.identity(settings, who).actor() for who in ("mira", "ada"))
    ledger = Ledger(settings)
    work = settings.state / "bundles" / "new"
    lineage, splits = _history(mira)
    run = _run(mira, facts.tier, lineage, splits)
    digest = write_bundle(work, run)
    folder = work.rename(admission.folder(settings, digest))
    case = admission.Case(settings, facts, digest)
    signature, statement = (
        path(settings, digest) for path in (admission.signature_path, admission.provenance_path)
    )
    modelsign.sign(folder, signature, settings.keys / "bundle.pem")
    provenance.write(settings, facts, case.bundle, statement)
    for record in (lineage, splits, run):
        ledger.append(record)
    ledger.append(records.Registration(
        model=digest, run=run.digest, signature=digests.digest_file(signature), version="1",
        provenance=digests.digest_file(statement), by=mira, at=clock.now(),
    ))  # fmt: skip
    gates = {name: ledger.append(_gate(case, name, ada))
             for name in admission.required(case, after_approval=False)}  # fmt: skip
    if "approve" in steps:
        ledger.append(records.Approval(
            model=digest, run_author="mira", tier=facts.tier, gates=gates, comment="reviewed",
            by=ada, at=clock.now(), expires=expires or clock.now() + timedelta(days=30),
        ))  # fmt: skip
    if "promote" in steps:
        ledger.append(_gate(case, "parity-service", mira))
        ledger.append(_decision(admission.Case(settings, facts, digest), mira))
    return digest


def _decision(case, by):
    inputs = {
        "run": admission.check_run(case), "registration": admission.check_registration(case),
        "approval": admission.approval(case).digest,
    }  # fmt: skip
    inputs |= {f"gate:{name}": admission.check_gate(case, name)
               for name in admission.required(case, after_approval=True)}  # fmt: skip
    said = records.ControlResult(
        model=case.digest, tier=case.project.tier, catalogue=None, results={"GATE-01.8": "pass"},
        waivers={}, denials=(),
    )  # fmt: skip
    inputs["controls"] = case.ledger.append(said)
    return records.Decision(
        action="promote", outcome="granted", model=case.digest, replaces=None,
        tier=case.project.tier, rules=SOME, inputs=inputs, reasons=(), by=by, at=clock.now(),
    )  # fmt: skip


@pytest.fixture(scope="session")
def applicants():
    """Return ``applicants(n, seed=1)``: plausible applications."""
    return make_applicants


@pytest.fixture(scope="session")
def good():
    """Return one application that brings no finding."""
    return make_applicants(1, seed=9)[0]


@pytest.fixture(scope="session")
def hand_released(tmp_path_factory):
    """Return a project folder with a promoted model. Read only: copy it with ``released_copy``."""
    root = tmp_path_factory.mktemp("released") / "project"
    release(root)
    return root


@pytest.fixture
def released_copy(hand_released, tmp_path) -> Path:
    """Return a project of this test's own with a promoted model."""
    return Path(shutil.copytree(hand_released, tmp_path / "project", symlinks=True))


class Local:
    """Speaks ASGI to an app in this process."""

    def __init__(self, app, settings):
        self.app, self.settings = app, settings
        self.parts = app.state.parts
        self.loop = asyncio.new_event_loop()

    def token(self, who="loan-app", **claims):
        return issuer.mint(self.settings, who, **claims)

    def ask(self, method, path, *, token=None, body=b"", headers=(), chunks=None):
        """Return (status, body) of one request; ``chunks`` sends the body in pieces."""
        return self.loop.run_until_complete(
            self.exchange(method, path, token, body, headers, chunks)
        )

    async def exchange(self, method, path, token=None, body=b"", headers=(), chunks=None):
        sent, pieces = [], list(chunks if chunks is not None else [body])
        given = [*headers, *([(b"authorization", f"Bearer {token}".encode())] if token else [])]
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "path": path, "headers": given,
            "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "https",
            "client": ("192.0.2.1", 1), "server": ("x", 1), "asgi": {"version": "3.0"},
        }  # fmt: skip

        async def receive():
            piece = pieces.pop(0)
            piece = await piece if asyncio.iscoroutine(piece) else piece
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message):
            sent.append(message)

        await self.app(scope, receive, send)
        return sent[0]["status"], b"".join(item.get("body", b"") for item in sent[1:])

    def decide(self, inputs, **extra):
        body = json.dumps({"inputs": inputs, **extra}).encode()
        return self.ask("POST", "/v1/decisions", token=self.token(), body=body)

    def close(self):
        self.loop.run_until_complete(self.parts.log.aclose())
        self.loop.close()


@pytest.fixture
def local(released_copy):
    """Return a function that opens the released project's service in this process."""
    opened = []

    def make(**changes):
        settings, facts = Settings(root=released_copy), project.load(released_copy)
        digest = admission.promoted(Ledger(settings)).model
        admitted = admission.admit(settings, facts, digest, candidate=False)
        made = create_app(settings, facts, dataclasses.replace(admitted, **changes), MODEL)
        opened.append(Local(made, settings))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def live(hand_released, tmp_path_factory):
    """Return a running TLS service of the released project, shared by tests that only ask."""
    root = shutil.copytree(hand_released, tmp_path_factory.mktemp("live") / "project")
    settings = Settings(root=root)
    with handle.running(
        settings, lambda who, **c: issuer.mint(settings, who, **c), seconds=90
    ) as it:
        yield it
