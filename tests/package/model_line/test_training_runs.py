"""Training: what a run leaves behind when it works, and what when it does not."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from redoubt import bundle, columns, datasets, run_record, runstore
from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.inference import Scorer
from redoubt.ledger import Ledger
from redoubt.profiles.pd.reference.model import MODEL
from redoubt.records import Run, Splits
from redoubt.settings import Settings
from redoubt.training import contents, export

Fit = Callable[..., Any]


def left_behind(settings: Settings) -> tuple[int, int]:
    """Return how many candidates and how many signed runs there are."""
    folders = (settings.state / "candidates").glob("[0-9a-f]*")
    return len(list(folders)), len(list(Ledger(settings).all(Run)))


def status(settings: Settings) -> list[str]:
    client = runstore.client(settings)
    ids = [found.experiment_id for found in client.search_experiments()]
    return [run.info.status for run in client.search_runs(ids)]


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> Callable[[Fit], Any]:
    """Put a recipe of one's own into the reference model."""

    def use(fit: Fit) -> Any:
        module = ModuleType("own_recipe")
        module.fit = fit  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "own_recipe", module)
        return dataclasses.replace(MODEL, recipe="own_recipe:fit")

    return use


def test_a_candidate_is_a_whole_bundle_whose_run_is_on_the_ledger(trainer) -> None:
    loaded = bundle.load(trainer.folder, trainer.digest)
    assert loaded.run == trainer.ledger.newest(Run)
    assert loaded.manifest.features == MODEL.features.names
    assert {column.name for column in loaded.columns} == {c.name for c in MODEL.schema.inputs}
    assert set(loaded.reasons) == set(MODEL.features.names)
    assert "recipe.py" not in loaded.manifest.serving_code
    assert all(path.suffix in (".json", ".onnx") for path in trainer.folder.iterdir())


def test_the_golden_set_is_scored_alike_by_the_graph_and_holds_gaps_but_no_customer(
    trainer,
) -> None:
    loaded = bundle.load(trainer.folder)
    kinds = {column.name: column.type for column in loaded.columns}
    scores = Scorer(loaded.model).score(MODEL.features(columns.arrays(kinds, loaded.golden.inputs)))
    assert len(scores) == contents.GOLDEN_ROWS
    assert np.abs(scores - loaded.golden.scores).max() < loaded.golden.tolerance
    gaps = {name for name, values in loaded.golden.inputs.items() if None in values}
    assert gaps == {c.name for c in MODEL.schema.inputs if c.missing}
    found = datasets.verified(trainer.settings, loaded.run.dataset)
    known = datasets.frame(found[datasets.DATA])[
        ["annual_income", "requested_amount", "utilisation"]
    ]
    golden = zip(*(loaded.golden.inputs[name] for name in known.columns), strict=True)
    assert not {*golden} & {tuple(row) for row in known.itertuples(index=False)}


def test_the_support_holds_the_training_rows_and_not_an_impossible_one(trainer) -> None:
    support = bundle.load(trainer.folder).support
    generator = np.random.default_rng(5)
    X = generator.normal(size=(4000, 3)).astype(np.float32) @ np.array(
        [[1, 0.9, 0], [0, 0.4, 0], [0, 0, 900]], dtype=np.float32
    )
    X[::7, 1] = np.nan
    own = contents.support(X, np.zeros(4000), ("a", "b", "c"))
    white = np.where(np.isnan(X), 0, X - np.array(own.mean)) @ np.array(own.whitening).T
    assert np.allclose(np.cov(white.T), np.eye(3), atol=0.05)
    distances = np.linalg.norm(white, axis=1)
    assert (distances > own.distance).mean() == pytest.approx(0.001, abs=0.0006)
    jointly = np.array([2.0, -1.5, 0.0]) - np.array(own.mean)
    assert np.linalg.norm(np.array(own.whitening) @ jointly) > own.distance
    assert len(support.mean) == len(support.reference) == len(support.whitening) == 9


def test_a_constant_feature_does_not_spoil_the_support_and_an_empty_one_is_refused() -> None:
    X = np.column_stack([np.arange(100), np.ones(100)]).astype(np.float32)
    assert np.isfinite(contents.support(X, np.zeros(100), ("a", "b")).whitening).all()
    X[:, 1] = np.nan
    with pytest.raises(BadInput, match="'b' has no value"):
        contents.support(X, np.zeros(100), ("a", "b"))


def test_the_same_data_and_seed_give_the_same_graph_and_locked_splits(
    trained, run_training
) -> None:
    candidate = run_training()
    (other,) = (trained / "var" / "candidates").iterdir()
    for name in ("model.onnx", "golden.json", "support.json", "columns.json"):
        assert (candidate.folder / name).read_bytes() == (other / name).read_bytes()
    first = bundle.load(other).run
    assert candidate.run.metrics == first.metrics
    again = run_training(seed=8)
    assert again.run.splits == candidate.run.splits
    assert len(list(Ledger(run_training.settings).all(Splits))) == 1
    assert again.run.parameters["random_state"] == 8


def test_a_recipe_that_raises_leaves_a_failed_run_and_nothing_else(run_training, recipe) -> None:
    def fit(X: Any, y: Any, seed: int) -> Any:
        raise RuntimeError("the recipe is broken")

    with pytest.raises(RuntimeError):
        run_training(model=recipe(fit))
    assert status(run_training.settings) == ["FAILED"]
    assert left_behind(run_training.settings) == (0, 0)


def constant(value: float, domain: str = "") -> bytes:
    """Return a graph that gives every row the same score."""
    nodes = [
        helper.make_node("Slice", ["x", "zero", "one", "axis"], ["first"]),
        helper.make_node("IsNaN", ["first"], ["gap"], domain=domain),
        helper.make_node("Where", ["gap", "value", "value"], ["score"]),
    ]
    constants = [
        helper.make_tensor(name, kind, shape, [content])
        for name, kind, shape, content in (
            ("zero", TensorProto.INT64, [1], 0), ("one", TensorProto.INT64, [1], 1),
            ("axis", TensorProto.INT64, [1], 1), ("value", TensorProto.FLOAT, [1, 1], value),
        )
    ]  # fmt: skip
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 9])]
    outputs = [helper.make_tensor_value_info("score", TensorProto.FLOAT, [None, 1])]
    graph = helper.make_graph(nodes, "constant", inputs, outputs, constants)
    domains = [helper.make_opsetid("", 18), *([helper.make_opsetid(domain, 1)] if domain else [])]
    return helper.make_model(graph, opset_imports=domains, ir_version=8).SerializeToString()


def test_a_graph_that_scores_otherwise_than_the_recipe_is_refused(run_training, recipe) -> None:
    def fit(X: Any, y: Any, seed: int) -> Any:
        predict = lambda rows: np.linspace(0.1, 0.2, len(rows))  # noqa: E731 - three in a row
        return SimpleNamespace(predict=predict, to_onnx=lambda: constant(0.1), parameters={"a": 1})

    with pytest.raises(Refused, match=r"differ from the recipe's by up to 0\.1"):
        run_training(model=recipe(fit))
    assert left_behind(run_training.settings) == (0, 0)


def test_a_recipe_that_scores_nan_is_refused(run_training, recipe) -> None:
    def fit(X: Any, y: Any, seed: int) -> Any:
        return SimpleNamespace(predict=lambda rows: np.full(len(rows), np.nan), parameters={"a": 1})

    with pytest.raises(Refused, match="or NaN"):
        run_training(model=recipe(fit))


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "not return an ONNX"), (b"\x80\x04pickle", "not return an ONNX"),
     (constant(0.1, "com.evil"), "com.evil")],
)  # fmt: skip
def test_what_is_no_standard_graph_is_bad_input(data: bytes, words: str) -> None:
    fitted = SimpleNamespace(to_onnx=lambda: data, predict=lambda rows: np.full(len(rows), 0.1))
    with pytest.raises(BadInput, match=words):
        export.graph(fitted, np.zeros((3, 9), dtype=np.float32))
    twin = SimpleNamespace(to_onnx=lambda: constant(0.1), predict=fitted.predict)
    assert onnx.load_from_string(export.graph(twin, np.zeros((3, 9), dtype=np.float32)))


def test_only_a_developer_trains(run_training) -> None:
    with pytest.raises(Refused, match="may not train"):
        run_training("ada")


def test_nothing_to_train_on_is_said_with_the_next_command(
    workbench, copy_of, run_training
) -> None:
    (run_training.settings.state / "records" / "ledger.jsonl").unlink()
    (run_training.settings.checkpoints / "ledger.json").unlink()
    with pytest.raises(Unavailable, match="redoubt data ingest"):
        run_training()


def test_a_flipped_byte_in_the_dataset_stops_the_run_before_it_begins(run_training) -> None:
    settings = run_training.settings
    (path,) = (settings.state / "data" / "snapshots").glob(f"*/{datasets.DATA}")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(Refused, match="was changed"):
        run_training()
    assert left_behind(settings) == (0, 0)
    assert status(settings) == []


def test_changed_splits_are_refused(run_training) -> None:
    run_training()
    settings = run_training.settings
    (path,) = (settings.state / "data" / "splits").iterdir()
    locked = Ledger(settings).newest(Splits)
    rows = json.loads(path.read_bytes())
    rows["out_of_sample"], rows["train"] = rows["train"], rows["out_of_sample"]
    path.write_text(json.dumps(rows))
    with pytest.raises(Refused, match="were changed"):
        datasets.read_assignment(settings, locked.assignment)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_refuses_the_candidate_leaves_no_signed_run(
    run_training, monkeypatch, number: int
) -> None:
    real = os.replace

    def refuse(source: Any, target: Any) -> None:
        if "candidates" in str(target):
            raise OSError(number, os.strerror(number))
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        with pytest.raises(Unavailable, match=os.strerror(number)):
            run_training()
    assert left_behind(run_training.settings) == (0, 0)
    assert status(run_training.settings) == ["FAILED"]
    assert run_training().digest
    assert left_behind(run_training.settings) == (1, 1)


def test_outside_development_code_that_no_commit_holds_does_not_train(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redoubt.release import issuer
    from redoubt.training import preconditions

    settings = Settings(root=snapshot)
    by = issuer.identity(settings, "mira")
    assert preconditions.check(settings, by, None).code.commit is None
    monkeypatch.setattr(Settings, "development", False)
    monkeypatch.setattr(Settings, "trust", settings.trust)
    with pytest.raises(Refused, match="not a clean commit"):
        preconditions.check(settings, by, None)


def test_the_record_of_a_complete_run_has_no_problem_and_its_tags_hold_no_machine_path(
    trainer,
) -> None:
    assert run_record.problems(trainer.run, trainer.settings, trainer.ledger) == []
    said = json.dumps(trainer.run.model_dump(mode="json")) + json.dumps(
        run_record.tags(trainer.run)
    )
    assert str(trainer.settings.root) not in said
    assert trainer.run.tracking == "sqlite:///var/mlflow/mlflow.db"
