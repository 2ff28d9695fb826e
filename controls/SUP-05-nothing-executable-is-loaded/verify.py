"""Proves SUP-05: a file that could run code is refused wherever it turns up, and never runs."""

import os

import pytest
from picklescan import scanner

from redoubt import admission, formats
from redoubt.proof import proves
from redoubt.release import scan
from redoubt.release.registry import Registry


@proves("SUP-05.1")
@pytest.mark.parametrize("name", ["model.onnx", "run.json", "model.pkl", "model.pt"])
def test_only_listed_formats_pass_by_name_and_by_content(exploit, desk, name):
    assert desk.refusal(formats.check, "run.json", b"{}") is None
    for kind in exploit.KINDS:
        assert desk.refusal(formats.check, name, exploit.bytes(kind))


@proves("SUP-05.2")
def test_the_scan_flags_a_pickle_even_behind_a_graph_and_denies_when_it_fails(
    exploit, desk, monkeypatch
):
    office = desk()
    healthy = office.case.bundle.model
    assert desk.refusal(scan.scan, {"model.onnx": healthy}, office.case.release) is None
    hidden = healthy + exploit.bytes("zip")
    assert "pickle" in (desk.refusal(scan.scan, {"model.onnx": hidden}, office.case.release) or "")
    assert not exploit.marker.exists()
    monkeypatch.setattr(scanner, "scan_bytes", lambda *_: 1 / 0)
    assert desk.refusal(scan.scan, {"model.onnx": healthy}, office.case.release)


@proves("SUP-05.3")
@pytest.mark.parametrize("kind", ["protocol 0", "protocol 5", "zip"])
def test_a_renamed_pickle_is_not_registered_and_never_runs(
    exploit, graphs, desk, monkeypatch, kind
):
    office = desk()
    healthy = graphs("healthy", office.case.bundle.model)
    assert desk.refusal(office.plant(healthy).register) is None
    renamed = office.plant(exploit.bytes(kind))
    assert desk.refusal(renamed.register)
    monkeypatch.setattr(formats, "check", lambda name, data: None)
    assert desk.refusal(renamed.register)
    assert not exploit.marker.exists()


@proves("SUP-05.4")
def test_a_pickle_that_every_key_signed_is_not_loaded(exploit, graphs, desk):
    office = desk()
    healthy = office.plant(graphs("healthy", office.case.bundle.model))
    healthy.force(office)
    assert desk.refusal(healthy.admit) is None
    forged = office.plant(exploit.bytes("protocol 5"))
    forged.force(office)
    assert desk.refusal(forged.admit)
    assert not exploit.marker.exists()


@proves("SUP-05.5")
def test_a_graph_holds_standard_operators_and_its_own_data_only(graphs, desk):
    case = desk().case
    assert desk.refusal(scan.scan, {"model.onnx": case.bundle.model}, case.release) is None
    assert desk.refusal(scan.scan, {"notes.txt": b"{}"}, case.release)
    for name, attack in graphs.attacks(case.bundle.model):
        assert desk.refusal(scan.scan, {"model.onnx": attack}, case.release), name
    assert graphs.ENDLESS | graphs.RANDOM <= scan.DENIED


@proves("SUP-05.6")
def test_mlflow_unpickles_nothing(desk, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "true")
    office = desk()
    assert office.digest in Registry(office.settings, office.project).versions()
    assert os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"


@proves("SUP-05.7")
def test_the_model_passes_the_scan(registered, refusal):
    folder = admission.folder(registered.settings, registered.digest)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    why = refusal(scan.scan, files, registered.release)
    assert why is None, why


@proves("SUP-05.8")
def test_its_floors_are_those_of_the_table_and_a_larger_file_is_refused(floors, desk):
    assert floors.moved("SUP-05") == []
    office = desk()
    contents = {"model.onnx": office.case.bundle.model}
    office.overrides("release", "numbers: {format: {model_megabytes: 0.001}}")
    assert "MiB" in (desk.refusal(scan.scan, contents, office.case.release) or "")
