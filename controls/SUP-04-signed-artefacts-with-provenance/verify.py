"""Proves SUP-04: a bundle is signed as a whole, and its provenance is held to a policy."""

import socket

import pytest

from redoubt import admission, digests, modelsign, provenance, signing
from redoubt.proof import proves
from redoubt.records import Registration

ATTACKS = {
    "flipped byte": lambda f: (f / "model.onnx").write_bytes((f / "model.onnx").read_bytes()[::-1]),
    "extra file": lambda f: (f / "extra.json").write_text("{}"),
    "missing file": lambda f: (f / "reasons.json").unlink(),
}


@proves("SUP-04.1")
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_changed_bundle_does_not_verify(desk, attack):
    office = desk()
    assert desk.refusal(office.verified) is None
    ATTACKS[attack](office.folder)
    assert desk.refusal(office.verified)


@proves("SUP-04.2")
@pytest.mark.parametrize("purpose", ["fresh", "gate"])
def test_only_a_bundle_key_of_the_anchors_counts(desk, tmp_path, purpose):
    office = desk()
    assert desk.refusal(admission.check_signature, office.case) is None
    key = office.settings.keys / f"{purpose}.pem"
    signing.create_key(key)
    modelsign.sign(office.folder, office.signature, key)
    assert desk.refusal(admission.check_signature, office.case)


@proves("SUP-04.2")
def test_the_child_of_a_starting_service_verifies_as_well(desk):
    good, bad = desk(), desk()
    assert desk.refusal(admission.signature_check(good.settings, good.digest)) is None
    ATTACKS["flipped byte"](bad.folder)
    assert desk.refusal(admission.signature_check(bad.settings, bad.digest))


@proves("SUP-04.3")
def test_a_signature_that_leaves_a_file_out_is_refused(desk):
    office = desk()
    assert desk.refusal(admission.check_signature, office.case) is None
    office.sign_without("model.onnx")
    for child in (None, admission.signature_check(office.settings, office.digest)):
        case = admission.Case(office.settings, office.project, office.digest, child)
        assert desk.refusal(admission.check_signature, case)


@proves("SUP-04.4")
def test_provenance_of_something_else_is_refused(desk, lies):
    office = desk()
    assert desk.refusal(admission.check_provenance, office.case) is None
    for what, (way, value) in lies.items():
        office.restate(way, value)
        assert desk.refusal(admission.check_provenance, office.case), what
    office.restate(("predicateType",), provenance.PREDICATE, "gate")  # the truth, by another key
    assert desk.refusal(admission.check_provenance, office.case)


@proves("SUP-04.4")
def test_a_model_of_another_provenance_is_not_loaded_although_it_is_registered_with_it(desk, lies):
    office = desk()
    assert desk.refusal(office.admit) is None
    office.restate(*lies["commit"])
    office.record(Registration, provenance=digests.digest_file(office.provenance))
    assert "Provenance" in (desk.refusal(office.admit) or "")


@proves("SUP-04.4")
def test_provenance_names_what_the_run_was_made_from(desk):
    office = desk()
    run = office.case.bundle.run
    assert provenance.materials(run) == {
        "dataset": run.dataset, "lineage": run.lineage, "splits": run.splits,
        "source-tree": run.code.tree, "environment": run.environment.digest,
        "parameters": digests.digest_of(run.parameters),
    }  # fmt: skip
    said = office.states(commit="a" * 40)["predicate"]
    source = {"repository": office.project.repository, "commit": "a" * 40}
    assert said["buildDefinition"]["externalParameters"]["source"] == source
    assert said["runDetails"]["builder"] == {"id": office.settings.builder}


@proves("SUP-04.4")
def test_what_registering_writes_now_is_signed_and_stated_by_the_trusted_key(desk, graphs):
    office = desk()
    made = office.plant(graphs("healthy", office.case.bundle.model))
    asked = (made.register, lambda: admission.check_provenance(made.case))
    assert [desk.refusal(ask) for ask in asked] == [None, None]


@proves("SUP-04.5")
def test_verification_needs_no_network(desk, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError("no network here")

    office = desk()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for check in (admission.check_signature, admission.check_provenance):
        assert desk.refusal(check, office.case) is None


@proves("SUP-04.6")
def test_the_level_that_is_claimed_is_the_one_reached():
    assert "L1" in provenance.LEVEL
    assert not {"L2", "L3"} & set(provenance.LEVEL.replace(":", " ").split())


@proves("SUP-04.7")
def test_the_model_is_signed_and_its_provenance_holds(registered, refusal):
    for check in (admission.check_signature, admission.check_provenance):
        why = refusal(check, registered)
        assert why is None, why
