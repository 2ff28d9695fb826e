"""Proves SUP-04: a bundle is signed as a whole, and its provenance is held to a policy."""

import socket

import pytest

from redoubt import admission, modelsign, provenance, signing
from redoubt.proof import proves

BUILD = ("predicate", "buildDefinition")
OTHER = {
    "builder": (("predicate", "runDetails", "builder", "id"), "https://elsewhere.test"),
    "repository": ((*BUILD, "externalParameters", "source", "repository"), "elsewhere"),
    "commit": ((*BUILD, "externalParameters", "source", "commit"), "f" * 40),
    "data": ((*BUILD, "resolvedDependencies", 0, "digest", "sha256"), "0" * 64),
    "files": (("subject",), []),
}
MATERIALS = {"dataset", "lineage", "splits", "source-tree", "environment", "parameters"}
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
    assert desk.refusal(admission.check_signature, office.case)


@proves("SUP-04.4")
@pytest.mark.parametrize("what", OTHER)
def test_provenance_of_something_else_is_refused(desk, what):
    office = desk()
    assert desk.refusal(admission.check_provenance, office.case) is None
    office.restate(*OTHER[what])
    assert desk.refusal(admission.check_provenance, office.case)
    office.restate((*BUILD, "buildType"), provenance.BUILD, "gate")
    assert desk.refusal(admission.check_provenance, office.case)
    assert provenance.materials(office.case.bundle.run).keys() >= MATERIALS


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
