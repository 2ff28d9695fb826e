"""What a healthy release refuses of its artefacts: changed files, foreign keys, provenance of something else."""

import json

import pytest

from redoubt import admission, bundle, digests, modelsign, provenance, signing
from redoubt.admission import Case
from redoubt.errors import Refused
from redoubt.release import status


@pytest.mark.parametrize("name", [*bundle.FILES, bundle.MANIFEST])
def test_a_flipped_bit_in_any_file_of_the_bundle_is_refused(office, flip, name):
    bank = office("promoted")
    if (bank.folder / name).stat().st_size < 3:
        (bank.folder / name).write_bytes(b"[0]" if name == "columns.json" else b'{"a":1}')
    else:
        flip(bank.folder / name)
    with pytest.raises(Refused):
        bank.admit()
    assert status.status(bank.settings, bank.project).problems


@pytest.mark.parametrize("path", [admission.signature_path, admission.provenance_path])
def test_a_changed_or_missing_signature_or_provenance_is_refused(office, flip, path):
    bank = office("promoted")
    flip(path(bank.settings, bank.digest))
    with pytest.raises(Refused):
        bank.admit()
    path(bank.settings, bank.digest).unlink()
    with pytest.raises(Refused):
        bank.admit()


def test_a_bundle_signed_again_with_a_fresh_key_is_refused(office, tmp_path):
    bank = office("promoted")
    fresh = tmp_path / "fresh.pem"
    signing.create_key(fresh)
    signature = admission.signature_path(bank.settings, bank.digest)
    modelsign.sign(bank.folder, signature, fresh)
    with pytest.raises(Refused, match="No trusted key"):
        modelsign.verify(bank.folder, signature, bank.settings.trust)
    with pytest.raises(Refused):
        bank.admit()


def test_a_tampered_bundle_signed_again_with_the_right_key_has_another_digest(office):
    bank = office("promoted")
    (bank.folder / "reasons.json").write_text('{"a": "b"}')
    signature = admission.signature_path(bank.settings, bank.digest)
    modelsign.sign(bank.folder, signature, bank.settings.keys / "bundle.pem")
    with pytest.raises(Refused, match=r"reasons.json does not match"):
        bank.admit()


def test_an_extra_file_and_a_missing_file_break_the_signature(office):
    bank = office("promoted")
    signature = admission.signature_path(bank.settings, bank.digest)
    (bank.folder / "more.json").write_text("{}")
    with pytest.raises(Refused, match="No trusted key"):
        modelsign.verify(bank.folder, signature, bank.settings.trust)
    (bank.folder / "more.json").unlink()
    (bank.folder / "golden.json").unlink()
    with pytest.raises(Refused, match="No trusted key"):
        modelsign.verify(bank.folder, signature, bank.settings.trust)


def test_a_signature_that_leaves_a_file_out_is_refused(office):
    from model_signing import hashing
    from model_signing import signing as openssf

    bank = office("registered")
    signature = admission.signature_path(bank.settings, bank.digest)
    config = openssf.Config().set_hashing_config(
        hashing.Config().set_ignored_paths(paths=["model.onnx"])
    )
    config.use_elliptic_key_signer(private_key=bank.settings.keys / "bundle.pem")
    config.sign(bank.folder, signature)
    assert "model.onnx" not in modelsign.verify(bank.folder, signature, bank.settings.trust)
    with pytest.raises(Refused, match=r"does not cover model.onnx"):
        admission.check_signature(Case(bank.settings, bank.project, bank.digest))


def test_the_child_says_the_same_as_the_parent(office, flip):
    bank = office("registered")
    case = Case(bank.settings, bank.project, bank.digest)
    wanted = provenance.subjects(case.bundle)
    assert admission.signature_check(bank.settings, bank.digest)() == wanted
    flip(admission.signature_path(bank.settings, bank.digest))
    with pytest.raises(Refused):
        admission.signature_check(bank.settings, bank.digest)()


def restate(bank, **changes):
    """Write a provenance of the right key that says something else, path of keys -> value."""
    case = Case(bank.settings, bank.project, bank.digest)
    said = provenance.statement(bank.settings, bank.project, case.bundle)
    for path, value in changes.items():
        place = said
        *way, last = path.split("__")
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        place[last] = value
    envelope = bank.settings.signer("bundle").sign(digests.canonical(said), signing.IN_TOTO)
    admission.provenance_path(bank.settings, bank.digest).write_text(json.dumps(envelope))
    return case


BUILD = "predicate__buildDefinition__"


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("predicate__runDetails__builder", {"id": "https://evil.test"}, "builder"),
        (f"{BUILD}externalParameters__source__repository", "another", "source repository"),
        (f"{BUILD}externalParameters__source__commit", "f" * 40, "source commit"),
        (f"{BUILD}resolvedDependencies__0__digest", {"sha256": "0" * 64}, "material"),
        (f"{BUILD}resolvedDependencies", [], "material"),
        ("subject", [], "subject"),
        ("predicateType", "https://slsa.dev/provenance/v0.2", "statement type"),
        ("predicate", None, "no SLSA v1 statement"),
    ],
)
def test_provenance_of_something_else_is_refused(office, path, value, why):
    bank = office("registered")
    admission.check_provenance(restate(bank))
    with pytest.raises(Refused, match=why):
        admission.check_provenance(restate(bank, **{path: value}))


def test_provenance_signed_with_another_purpose_is_refused(office):
    bank = office("registered")
    case = restate(bank)
    said = provenance.statement(bank.settings, bank.project, case.bundle)
    envelope = bank.settings.signer("gate").sign(digests.canonical(said), signing.IN_TOTO)
    admission.provenance_path(bank.settings, bank.digest).write_text(json.dumps(envelope))
    with pytest.raises(Refused, match="bundle signature"):
        admission.check_provenance(case)
