"""Nothing that can run code is registered, whatever its name; a marker file proves that none ran."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from redoubt import bundle, formats, limits
from redoubt.errors import BadInput, Refused
from redoubt.records import Registration
from redoubt.release import scan


@pytest.fixture
def marker(tmp_path):
    return tmp_path / "marker"


class Exploit:
    """Unpickling this touches the marker file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


def zipped(data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", data)
    return stream.getvalue()


def healthy(tmp_path=None) -> bytes:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])
    graph = helper.make_graph([helper.make_node("Sigmoid", ["x"], ["y"])], "g", [x], [y])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    return made.SerializeToString()


def changed(change) -> bytes:
    model = onnx.load_model_from_string(healthy())
    change(model)
    return model.SerializeToString()


def external(model):
    tensor = onnx.numpy_helper.from_array(np.zeros(2, np.float32), "w")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="model.bin")
    model.graph.initializer.append(tensor)


def foreign(model):
    model.opset_import.append(helper.make_opsetid("com.evil", 1))
    model.graph.node.append(helper.make_node("Run", ["x"], ["z"], domain="com.evil"))


def function(model):
    model.functions.append(
        helper.make_function("", "Sigmoid", ["a"], ["b"],
                             [helper.make_node("Identity", ["a"], ["b"])],
                             [helper.make_opsetid("", 18)])
    )  # fmt: skip


@pytest.fixture
def rules(tmp_path):
    return limits.load(tmp_path, "release", 1, ())


def test_a_graph_of_standard_operators_is_accepted(rules):
    scan.scan({"model.onnx": healthy(), "run.json": b"{}"}, rules)


ATTACKS = {
    "pickle protocol 0": lambda exploit: pickle.dumps(exploit, 0),
    "pickle protocol 5": lambda exploit: pickle.dumps(exploit, 5),
    "zipped pickle": lambda exploit: zipped(pickle.dumps(exploit)),
    "graph with a zipped pickle behind": lambda exploit: healthy() + zipped(pickle.dumps(exploit)),
    "graph with a pickle behind": lambda exploit: healthy() + pickle.dumps(exploit),
    "graph with unknown bytes": lambda _: healthy() + b"\xfa\x7f\x03abc",
    "external data": lambda _: changed(external),
    "foreign operator": lambda _: changed(foreign),
    "own function": lambda _: changed(function),
    "random operator": lambda _: changed(
        lambda m: m.graph.node.append(helper.make_node("RandomNormalLike", ["x"], ["z"]))
    ),
    "text": lambda _: b"score = 1",
    "script": lambda _: b"#!/bin/sh",
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_no_plain_graph_is_refused_and_never_runs(rules, marker, attack):
    data = ATTACKS[attack](Exploit(marker))
    with pytest.raises(Refused):
        scan.scan({"model.onnx": data}, rules)
    assert not marker.exists()


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.pt", "model", "a.onnx.sh"])
def test_a_suffix_that_is_not_on_the_list_is_refused(name):
    with pytest.raises(Refused, match=r"only \.json, \.onnx"):
        formats.check(name, healthy())


def test_a_model_larger_than_the_limit_is_refused(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "release.yml").write_text("numbers: {format: {model_megabytes: 0}}\n")
    with pytest.raises(Refused, match="are allowed"):
        scan.scan({"model.onnx": healthy()}, limits.load(tmp_path, "release", 1, ()))


@pytest.mark.parametrize("attack", ["pickle protocol 0", "pickle protocol 5", "zipped pickle"])
def test_a_renamed_pickle_is_not_registered_and_not_loaded(office, marker, attack):
    bank = office("candidate")
    data = ATTACKS[attack](Exploit(marker))
    other = bank.another(model=data)
    with pytest.raises(Refused, match=r"model.onnx"):
        other.register()
    assert bank.ledger.newest(Registration) is None
    assert not (bank.settings.state / "bundles").exists() or not other.folder.exists()
    with pytest.raises(Refused, match=r"model.onnx"):
        bundle.load(bank.settings.state / "candidates" / bundle.name(other.digest))
    assert not marker.exists()
    assert bank.register().model == bank.digest


def test_a_pickle_beside_the_model_is_refused(office, marker):
    bank = office("candidate")
    folder = bank.settings.state / "candidates" / bundle.name(bank.digest)
    (folder / "model.pkl").write_bytes(pickle.dumps(Exploit(marker)))
    with pytest.raises(Refused, match=r"model.pkl"):
        bank.register()
    assert not marker.exists()


def test_the_exploit_would_work_where_a_pickle_is_loaded(marker):
    pickle.loads(pickle.dumps(Exploit(marker)))
    assert marker.exists()


def test_an_unknown_candidate_is_bad_input(office):
    bank = office("candidate")
    bank.digest = "sha256:" + "0" * 64
    with pytest.raises(BadInput, match="no candidate"):
        bank.register()
