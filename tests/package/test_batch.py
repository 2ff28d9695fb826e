"""Batch scoring: the service's answers over a file, every row accounted for, all or nothing."""

import csv
import os
import resource
import signal
import time
from datetime import date, datetime
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper

from redoubt import bundle, chain, signing
from redoubt.errors import BadInput, Unavailable
from redoubt.model import Features
from redoubt.serving import journal, replay, tables
from redoubt.serving.batch import BATCHES, Batch
from redoubt.serving.core import Core
from redoubt.serving.decision_log import DecisionLog, LogFailed
from redoubt.serving.decision_record import FIELDS, Recorder
from redoubt.serving.policy import Policy
from redoubt.serving.sealing import Sealer

NAMES = ("income", "late", "home")
GOOD = "income,late,home\n1000,0,own\n2000,3,rent\n"


def compute(columns):
    home = (columns["home"] == "rent").astype(np.float32)
    return np.column_stack([columns["income"] / 1000, columns["late"], home]).astype(np.float32)


def onnx():
    """Return sigmoid(x @ w) as ONNX: a model that needs no training library."""
    weights = helper.make_tensor("w", TensorProto.FLOAT, [3, 1], [-0.5, 0.8, 0.3])
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["z"]), helper.make_node("Sigmoid", ["z"], ["y"])],
        "pd",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])],
        [weights],
    )
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()


def column(name, kind, low=None, high=None, levels=(), seen=(None, None)):
    return bundle.RequestColumn(
        name=name, type=kind, meaning=name, low=low, high=high, levels=levels, missing=False,
        seen_low=seen[0], seen_high=seen[1], seen_levels=levels[:2],
    )  # fmt: skip


@pytest.fixture(scope="session")
def core():
    loaded = bundle.Bundle(
        digest="sha256:" + "a" * 64,
        manifest=SimpleNamespace(features=NAMES, tier=1),
        run=None,
        model=onnx(),
        columns=(
            column("income", "number", 0, 1e6, seen=(500, 50_000)),
            column("late", "integer", 0, 20, seen=(0, 6)),
            column("home", "category", levels=("own", "rent", "other")),
        ),
        support=bundle.Support(
            mean=(0.0,) * 3, reference=(2.0, 0.0, 0.0), distance=1e6,
            whitening=((1.0, 0, 0), (0, 1.0, 0), (0, 0, 1.0)),
        ),
        reasons={"income": "Income is low", "late": "Late payments", "home": "Renting"},
        bands=bundle.Bands(digits=4, edges=(0.2, 0.5), names=("A", "B", "C")),
        golden=bundle.Golden(inputs={}, scores=(), tolerance=1e-6),
    )  # fmt: skip
    policy = Policy(frozenset({"out_of_range"}), frozenset({"unseen_level"}), 1, 1, 1, 1, 1, 1)
    return Core(loaded, Features(NAMES, compute), policy)


@pytest.fixture
def scene(tmp_path, core):
    signing.create_development_keys(tmp_path / "keys", tmp_path / "anchors.json")
    anchors = signing.Anchors.load(tmp_path / "anchors.json")
    signer = signing.LocalSigner(tmp_path / "keys" / "checkpoint.pem")
    places = tmp_path / BATCHES, tmp_path / "second" / "batch.json"
    log = DecisionLog.open(*places, signer, anchors=anchors, name=BATCHES)
    recorder = Recorder(core.bundle.digest, "sha256:" + "b" * 64, Sealer(bytes(32)))
    yield SimpleNamespace(
        log=log, folder=places[0], recorder=recorder, core=core, tmp=tmp_path,
        checkpoint=lambda: chain.read_checkpoint(places[1], BATCHES, anchors),
        run=lambda source, final=None: Batch(core, recorder, log, "loan-app").run(
            source, final or tmp_path / "out.csv"
        ),
    )  # fmt: skip
    log.close()


def written(scene, text, name="in.csv"):
    path = scene.tmp / name
    path.write_text(text) if isinstance(text, str) else path.write_bytes(text)
    return path


def output(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def logged(scene):
    return [line for _, _, line in journal.walk(scene.folder)]


def test_each_row_gets_the_services_answer_and_a_record(scene):
    summary = scene.run(written(scene, GOOD))
    first, second = output(scene.tmp / "out.csv")
    expected = scene.core.decide([{"income": 2000.0, "late": 3, "home": "rent"}])[0]
    assert (float(second["score"]), second["band"]) == (expected.score, expected.band)
    assert second["reasons"] == "; ".join(reason.text for reason in expected.reasons)
    begun, one, two, done = logged(scene)
    assert (begun["state"], done["state"]) == ("begun", "done")
    assert [one["request"], two["request"]] == [first["decision_id"], second["decision_id"]]
    assert set(FIELDS) | {"seq", "prev"} == set(one)
    assert (two["score"], two["caller"], two["reviewer"]) == (expected.score, "loan-app", None)
    assert summary.actions == {"score": 2}


def test_csv_and_parquet_give_the_same_answers(scene):
    scene.run(written(scene, GOOD))
    table = pa.table({"income": [1000.0, 2000.0], "late": [0.0, 3.0], "home": ["own", "rent"]})
    pq.write_table(table, scene.tmp / "in.parquet")
    scene.run(scene.tmp / "in.parquet", scene.tmp / "out.parquet")
    fields = ["row", "score", "band", "action", "reasons"]
    assert [
        {name: str(row[name]) for name in fields}
        for row in pq.read_table(scene.tmp / "out.parquet").to_pylist()
    ] == [{name: row[name] for name in fields} for row in output(scene.tmp / "out.csv")]


def test_a_row_that_does_not_fit_is_reported_in_its_place_and_makes_no_record(scene):
    bad = "x,1,own\n,1,own\nnan,0,own\n1_0,0,own\n1000,1.5,own\n1000,1,castle\n-1,0,own\n"
    summary = scene.run(written(scene, GOOD + bad))
    rows = output(scene.tmp / "out.csv")
    assert [row["error"] for row in rows[2:]] == [
        f"does not fit: {name}"
        for name in ("income", "income", "income", "income", "late", "home", "income")
    ]
    assert all(not row["score"] and not row["decision_id"] for row in rows[2:])
    assert (summary.decided, summary.unfit, len(logged(scene))) == (2, 7, 4)


def test_the_guard_acts_on_batches_as_on_requests(scene):
    scene.run(written(scene, GOOD + "90000,0,own\n1000,0,other\n"))
    rows = output(scene.tmp / "out.csv")
    assert [row["action"] for row in rows] == ["score", "score", "refer", "refuse"]
    assert rows[2]["findings"] == "out_of_range:income"
    assert rows[2]["score"] == rows[3]["score"] == ""


def test_references_come_back_and_a_bad_one_is_named_not_echoed(scene):
    text = "reference,income,late,home\nA-1,1000,0,own\nJo Public,1000,0,own\n"
    scene.run(written(scene, text))
    first, second = output(scene.tmp / "out.csv")
    assert first["reference"] == "A-1"
    assert (second["reference"], second["error"]) == ("", "does not fit: reference")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "lacks column 'home'"),
        ("income,late,home\n", "has no rows"),
        ("income,late\n1,2\n", "lacks column 'home'"),
        ("income,late,home,home\n1,2,own,own\n", "has twice column 'home'"),
        ("income,late,home,sex\n1,2,own,f\n", "has the unknown column 'sex'"),
        ("income,late,home\n1,2\n", "cannot be read after row 0"),
        ("income,late,home\nx,y,z\n", "None of the 1 rows"),
        (b"income,late,home\n1,2,\xff\xfe\n", "cannot be read"),
        (b"PAR1 this is no CSV \x00\x01", "lacks column"),
    ],
)
def test_a_bad_file_is_refused_whole_and_leaves_no_output(scene, text, said):
    with pytest.raises(BadInput, match=said):
        scene.run(written(scene, text))
    assert not list(scene.tmp.glob("*out*"))


def test_a_missing_a_truncated_and_a_foreign_file_are_refused(scene):
    with pytest.raises(BadInput, match="is not a file"):
        scene.run(scene.tmp / "nowhere.csv")
    with pytest.raises(BadInput, match=r"neither \.csv nor \.parquet"):
        scene.run(written(scene, GOOD, "in.xlsx"))
    pq.write_table(pa.table({"income": [1.0]}), scene.tmp / "cut.parquet")
    data = (scene.tmp / "cut.parquet").read_bytes()
    with pytest.raises(BadInput, match="cannot be read"):
        scene.run(written(scene, data[:-20], "cut.parquet"))


def test_a_file_that_breaks_off_is_refused_without_a_word_of_its_rows(scene):
    far = pa.array([2**31 - 1], pa.int32()).cast(pa.date32())
    pq.write_table(
        pa.table({"income": far, "late": [1], "home": ["own"]}), scene.tmp / "far.parquet"
    )
    lines = written(scene, GOOD + "3000,1,own,Ada Lovelace\n")
    for source in (lines, scene.tmp / "far.parquet"):
        with pytest.raises(BadInput, match="cannot be read after row") as refused:
            scene.run(source)
        assert "Ada" not in str(refused.value)


def test_an_existing_output_is_never_replaced(scene):
    source = written(scene, GOOD)
    with pytest.raises(BadInput, match=r"in\.csv exists"):
        scene.run(source, source)
    assert source.read_text() == GOOD


def test_a_log_that_fails_leaves_no_output(scene, monkeypatch):
    real, calls = os.fdatasync, []

    def failing(handle):
        calls.append(handle)
        if len(calls) > 1:
            raise OSError(5, "Input/output error")
        real(handle)

    monkeypatch.setattr(os, "fdatasync", failing)
    with pytest.raises(LogFailed, match="Input/output error"):
        scene.run(written(scene, GOOD))
    assert not list(scene.tmp.glob("*out*"))


def test_an_output_that_cannot_be_written_is_said(scene):
    with pytest.raises(Unavailable, match="Cannot write"):
        scene.run(written(scene, GOOD), scene.tmp / "no-such-folder" / "out.csv")


def test_a_killed_batch_leaves_no_output_and_a_log_that_says_so(scene):
    child = os.fork()
    if child == 0:
        tables.ROWS = 1
        real = os.fdatasync

        def slow(handle):
            real(handle)
            time.sleep(0.05)

        os.fdatasync = slow
        scene.run(written(scene, GOOD + "1000,0,own\n" * 500))
        os._exit(1)
    while len(journal.segments(scene.folder)[0].read_bytes().splitlines()) < 3:
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not (scene.tmp / "out.csv").exists()
    assert len(list(scene.tmp.glob(".out.csv.*"))) == 1
    with tables.results(scene.tmp / "out.csv"):
        assert len(list(scene.tmp.glob(".out.csv.*"))) == 1
    states = [line.get("state") for line in logged(scene)]
    assert states[0] == "begun"
    assert "done" not in states


def test_a_replayed_batch_comes_out_again_and_an_altered_one_is_pointed_at(scene):
    scene.run(written(scene, GOOD + "90000,0,own\n1000,0,other\n"))
    again = replay.replay(
        scene.folder, scene.checkpoint(), 9, lambda _: (scene.core, scene.recorder)
    )
    assert (again.replayed, again.difference) == (4, None)
    line = logged(scene)[2]
    for field, value in (
        ("score", line["score"] + 0.001), ("band", "Z"), ("action", "flag"), ("reasons", []),
        ("findings", [{"kind": "out_of_range", "field": "late"}]), ("input", "sha256:0"),
        ("rules", "sha256:0"),
    ):  # fmt: skip
        found = replay.difference(2, line | {field: value}, scene.core, scene.recorder)
        assert (found.index, found.field) == (2, field)
    assert replay.difference(2, line, scene.core, scene.recorder) is None


def test_memory_does_not_grow_with_the_rows(scene, tmp_path):
    def peak(n):
        """Return the peak resident size, in MiB, of a child that scores n rows."""
        source = written(scene, "income,late,home\n" + "1000,0,own\n" * n, f"{n}.csv")
        read, write = os.pipe()
        if (child := os.fork()) == 0:
            scene.run(source, tmp_path / f"{n}.out.csv")
            used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            os.write(write, str(used).encode())
            os._exit(0)
        os.waitpid(child, 0)
        return int(os.read(read, 32)) / 1024

    small, large = peak(10_000), peak(100_000)
    assert large < small + 20


def test_dates_are_read_from_text_and_from_timestamps():
    assert tables._value("date", "2024-05-01") == date(2024, 5, 1)
    assert tables._value("date", datetime(2024, 5, 1)) == date(2024, 5, 1)
    assert tables._value("date", "May") == "May"
    assert tables._value("integer", "07") == 7
