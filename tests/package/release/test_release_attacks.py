"""What a healthy release refuses: tampering, foreign keys, own work, and evidence that does not hold."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta

import pytest

from redoubt import admission, bundle, clock, digests, modelsign, provenance, signing
from redoubt.admission import Case
from redoubt.errors import BadInput, Refused
from redoubt.records import Approval, ControlResult, Decision
from redoubt.release import authorship, promote, status
from redoubt.release.registry import Registry

OFFLINE = ("performance", "parity-onnx")
ALL = (*OFFLINE, "parity-service")


def admit(bank):
    return admission.admit(bank.settings, bank.project, bank.digest, candidate=False)


@pytest.mark.parametrize("name", [*bundle.FILES, bundle.MANIFEST])
def test_a_flipped_bit_in_any_file_of_the_bundle_is_refused(office, flip, name):
    bank = office("promoted")
    if (bank.folder / name).stat().st_size < 3:
        (bank.folder / name).write_bytes(b"[0]" if name == "columns.json" else b'{"a":1}')
    else:
        flip(bank.folder / name)
    with pytest.raises(Refused):
        admit(bank)
    assert status.status(bank.settings, bank.project).problems


@pytest.mark.parametrize("path", [admission.signature_path, admission.provenance_path])
def test_a_changed_or_missing_signature_or_provenance_is_refused(office, flip, path):
    bank = office("promoted")
    flip(path(bank.settings, bank.digest))
    with pytest.raises(Refused):
        admit(bank)
    path(bank.settings, bank.digest).unlink()
    with pytest.raises(Refused):
        admit(bank)


def test_a_bundle_signed_again_with_a_fresh_key_is_refused(office, tmp_path):
    bank = office("promoted")
    fresh = tmp_path / "fresh.pem"
    signing.create_key(fresh)
    signature = admission.signature_path(bank.settings, bank.digest)
    modelsign.sign(bank.folder, signature, fresh)
    with pytest.raises(Refused, match="No trusted key"):
        modelsign.verify(bank.folder, signature, bank.settings.trust)
    with pytest.raises(Refused):
        admit(bank)


def test_a_tampered_bundle_signed_again_with_the_right_key_has_another_digest(office):
    bank = office("promoted")
    (bank.folder / "reasons.json").write_text('{"a": "b"}')
    signature = admission.signature_path(bank.settings, bank.digest)
    modelsign.sign(bank.folder, signature, bank.settings.keys / "bundle.pem")
    with pytest.raises(Refused, match=r"reasons.json does not match"):
        admit(bank)


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


@pytest.mark.parametrize(
    ("person", "claims", "why"),
    [
        ("mira", {}, "may not approve"),
        ("mira", {"roles": ["approver"]}, "trained this model"),
        (" MIRA ", {"roles": ["approver"]}, "trained this model"),
        ("zoe", {"roles": ["approver", "developer"]}, "holds approve"),
        ("zoe", {"roles": ["owner"]}, "may not approve"),
    ],
)
def test_who_may_not_approve_is_refused(office, person, claims, why):
    bank = office("judged")
    with pytest.raises(Refused, match=why):
        bank.approve(bank.person(person, **claims))
    assert bank.ledger.newest(Approval) is None
    assert bank.approve(bank.ada).by.subject == "ada"


def test_the_registrant_may_not_approve(office):
    bank = office("candidate")
    from redoubt.release import register

    zoe = bank.person("zoe", roles=["developer"])
    register.register(bank.settings, bank.project, bank.digest, zoe)
    bank.judge(*OFFLINE)
    with pytest.raises(Refused, match="registered this model"):
        bank.approve(bank.person("zoe", roles=["approver"]))
    assert bank.approve()


def test_an_approval_needs_words_and_every_earlier_gate(office):
    bank = office("registered")
    bank.judge("performance")
    with pytest.raises(Refused, match="parity-onnx has no result"):
        bank.approve()
    bank.judge("parity-onnx")
    from redoubt.release import approve

    with pytest.raises(BadInput, match="without words"):
        approve.approve(bank.settings, bank.project, bank.digest, bank.ada, "  ")
    assert bank.approve() == bank.approve()


def git(root, *words):
    identity = ["-c", "user.name=Zoe", "-c", "user.email=zoe@bank.test"]
    done = subprocess.run(
        ["git", "-C", str(root), *identity, *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_the_author_of_the_merged_change_may_not_approve(office, tmp_path):
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "a", "--author", "Kim <kim@bank.test>")
    git(tmp_path, "checkout", "-q", "-b", "change")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "b\n\nCo-authored-by: Lu <l.u@bank.test>",
        "--author", "Ada <ada@bank.test>")  # fmt: skip
    git(tmp_path, "checkout", "-q", "main")
    git(tmp_path, "merge", "-q", "--no-ff", "--no-edit", "change")
    people = authorship.changed(tmp_path, git(tmp_path, "rev-parse", "HEAD"))
    for subject in ("ada", "ADA@bank.test", "lu", "l.u", "zoe"):
        assert authorship.is_among(subject, people)
    assert not authorship.is_among("kim", people)
    first = authorship.changed(tmp_path, git(tmp_path, "rev-parse", "HEAD^1"))
    assert authorship.is_among("kim", first)
    assert authorship.changed(tmp_path, None) == frozenset()
    with pytest.raises(Refused, match="not in this repository"):
        authorship.changed(tmp_path, "f" * 40)


def test_a_model_of_a_commit_that_nobody_knows_is_not_approved(office):
    bank = office("candidate")
    commit = {"commit": "f" * 40, "clean": True, "tree": digests.digest(b"t"), "basis": "git"}
    other = bank.another(code=commit)
    other.register()
    other.judge(*OFFLINE)
    with pytest.raises(Refused, match="not in this repository"):
        other.approve()


def denied(bank, why):
    """Promote, expect a recorded denial that says why, and an alias that did not move."""
    decision = bank.promote()
    assert decision.outcome == "denied"
    assert any(why in reason for reason in decision.reasons), decision.reasons
    assert bank.ledger.newest(Decision) == decision
    assert admission.promoted(bank.ledger) is None
    assert Registry(bank.settings, bank.project).champion() is None


@pytest.mark.parametrize("gate", ALL)
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"outcome": "fail", "reasons": ("auc",)}, "says fail: auc"),
        ({"outcome": "error"}, "says error"),
        ({"dataset": digests.digest(b"other")}, "another dataset"),
        ({"tier": 3}, "another dataset or tier"),
        ({"rules": digests.digest(b"other")}, "rules changed"),
        ({"at": clock.now() - timedelta(days=15)}, "too old"),
        ({"at": clock.now() + timedelta(days=1)}, "too old"),
    ],
    ids=["fail", "error", "dataset", "tier", "rules", "stale", "future"],
)
def test_a_gate_result_that_does_not_hold_denies(office, gate, changes, why):
    bank = office("ready")
    bank.judge(gate, **changes)
    denied(bank, why)


@pytest.mark.parametrize("gate", ALL)
def test_a_missing_gate_and_one_of_another_model_deny(office, gate):
    bank = office("registered")
    if gate == "parity-service":
        bank.judge(*OFFLINE)
        bank.approve()
    else:
        bank.judge(*(name for name in ALL if name != gate))
    bank.judge(gate, model=digests.digest(b"another"))
    denied(bank, f"Gate {gate} has no result")


def test_a_check_that_crashes_denies(office, monkeypatch):
    bank = office("ready")
    monkeypatch.setattr(admission, "check_provenance", lambda case: 1 // 0)
    denied(bank, "provenance: error ZeroDivisionError")


def test_each_denial_of_the_rooms_denies_and_stays_on_the_ledger(office, said):
    bank = office("ready")
    answer = said(Case(bank.settings, bank.project, bank.digest),
                  denials=("GATE-02.7: fail: it is worse", "lock: clock.py was edited."))  # fmt: skip
    decision = bank.promote(rooms=lambda case: answer)
    assert decision.reasons == tuple(f"control:{text}" for text in answer.denials)
    assert bank.ledger.newest(ControlResult, bank.digest) == answer
    assert decision.inputs["controls"] == answer.digest
    assert admission.promoted(bank.ledger) is None
    assert bank.promote().outcome == "granted"


@pytest.mark.parametrize(
    "changes", [{"model": digests.digest(b"other")}, {"tier": 3}, {"results": {}}]
)
def test_an_answer_of_the_rooms_about_something_else_denies(office, said, changes):
    bank = office("ready")
    decision = bank.promote(rooms=lambda case: said(case, **changes))
    assert decision.reasons == ("controls: The rooms said nothing of this model.",)
    assert "controls" not in decision.inputs
    assert bank.ledger.newest(ControlResult) is None


@pytest.mark.parametrize("rooms", [lambda case: 1 // 0, lambda case: None])
def test_rooms_that_crash_or_answer_nonsense_deny(office, rooms):
    bank = office("ready")
    decision = bank.promote(rooms=rooms)
    assert (decision.outcome, decision.reasons[0][:15]) == ("denied", "controls: error")
    assert bank.ledger.newest(Decision) == decision


def test_nobody_is_asked_for_somebody_who_may_not_promote(office):
    bank, asked = office("ready"), []
    with pytest.raises(Refused, match="may not promote"):
        bank.promote(bank.ada, rooms=asked.append)
    assert asked == []


def test_a_missing_or_expired_approval_denies(office, later):
    bank = office("judged")
    bank.judge("parity-service")
    denied(bank, "is not approved")
    bank = office("ready")
    later(days=91)
    bank.judge(*ALL)
    denied(bank, "expired on")


def test_an_approval_that_outlives_the_policy_expires_with_the_policy(office, later):
    bank = office("ready")
    given = bank.ledger.newest(Approval)
    bank.ledger.append(given.model_copy(update={"expires": given.at + timedelta(days=9999)}))
    assert bank.promote().outcome == "granted"
    later(days=91)
    with pytest.raises(Refused, match="expired"):
        admit(bank)


@pytest.mark.parametrize(
    ("update", "why"),
    [
        ({"tier": 3}, "another tier or run"),
        ({"run_author": "zoe"}, "another tier or run"),
        ({"gates": {}}, "does not name a passing"),
        ({"gates": dict.fromkeys(OFFLINE, digests.digest(b"x"))}, "does not name a passing"),
    ],
)
def test_an_approval_of_something_else_denies(office, update, why):
    bank = office("ready")
    given = bank.ledger.newest(Approval)
    bank.ledger.append(given.model_copy(update=update))
    denied(bank, why)


@pytest.mark.parametrize("subject", ["mira", "MIRA"])
def test_an_approval_record_by_the_author_denies(office, subject):
    bank = office("ready")
    given = bank.ledger.newest(Approval)
    by = given.by.model_copy(update={"subject": subject})
    bank.ledger.append(given.model_copy(update={"by": by}))
    denied(bank, "cannot approve")


def test_an_approval_record_without_the_role_denies(office):
    bank = office("ready")
    given = bank.ledger.newest(Approval)
    by = given.by.model_copy(update={"subject": "zoe", "roles": ("caller",)})
    bank.ledger.append(given.model_copy(update={"by": by}))
    denied(bank, "may not approve")


def test_who_may_not_promote_is_refused(office):
    bank = office("ready")
    with pytest.raises(Refused, match="may not promote"):
        bank.promote(bank.ada)
    decision = bank.promote(bank.person("ada", roles=["deployer"]))
    assert any("approved this model" in reason for reason in decision.reasons)


def test_a_tightened_limit_after_the_judgement_denies(office):
    bank = office("ready")
    (bank.settings.root / "conf").mkdir()
    (bank.settings.root / "conf" / "gates.yml").write_text(
        "numbers: {performance: {auc_out_of_time: 0.7}}\n"
    )
    denied(bank, "rules changed")


def test_a_looser_override_is_refused_with_the_floor(office):
    bank = office("ready")
    (bank.settings.root / "conf").mkdir()
    (bank.settings.root / "conf" / "release.yml").write_text(
        "numbers: {approval: {valid_days: 400}}\n"
    )
    with pytest.raises(BadInput, match="at most 90"):
        bank.approve()


def test_a_model_of_another_tier_denies_and_is_not_loaded(office):
    bank = office("promoted")
    facts = (bank.settings.root / "project.yml").read_text()
    lower = facts.replace("exposure: high", "exposure: low").replace("individuals", "none")
    (bank.settings.root / "project.yml").write_text(lower)
    assert bank.project.tier != 1
    with pytest.raises(Refused, match="trained for tier 1"):
        admit(bank)
    assert any("tier 1" in reason for reason in bank.promote().reasons)


def test_a_clock_before_the_newest_record_decides_nothing(office, later):
    bank = office("ready")
    later(days=-1)
    with pytest.raises(Refused, match="before the newest record"):
        bank.promote()
    bank = office("promoted")
    with pytest.raises(Refused, match="before the newest record"):
        admit(bank)


def test_uncommitted_code_denies_outside_development(office, monkeypatch):
    bank = office("ready")
    case = Case(bank.settings, bank.project, bank.digest)
    promote.check_code(case)
    monkeypatch.setattr(type(bank.settings), "development", False)
    with pytest.raises(Refused, match="no clean commit"):
        promote.check_code(case)


def test_people_of_the_development_issuer_count_for_nothing_outside(office, monkeypatch):
    bank = office("ready")
    case = Case(bank.settings, bank.project, bank.digest)
    admission.check_approval(case)
    _ = case.settings.trust
    monkeypatch.setattr(type(bank.settings), "development", False)
    with pytest.raises(Refused, match="development issuer"):
        admission.check_approval(case)


def test_an_older_promotion_does_not_admit_the_replaced_model(office):
    bank = office("promoted")
    second = bank.another()
    second.register()
    second.judge(*OFFLINE)
    second.approve()
    second.judge("parity-service")
    second.promote()
    with pytest.raises(Refused, match="not the promoted one"):
        admit(bank)


def test_a_decision_that_weighed_nothing_does_not_admit(office):
    bank = office("promoted")
    given = bank.ledger.newest(Decision)
    bank.ledger.append(given.model_copy(update={"inputs": {}}))
    with pytest.raises(Refused, match="did not weigh"):
        admit(bank)


@pytest.mark.parametrize("denials", [(), ("GATE-02.7: fail: it is worse",)])
def test_a_decision_that_asked_no_room_or_was_told_no_does_not_admit(office, said, denials):
    bank = office("promoted")
    assert admit(bank).decision
    given = bank.ledger.newest(Decision)
    answer = said(Case(bank.settings, bank.project, bank.digest), denials=denials)
    other = bank.ledger.append(answer) if denials else digests.digest(b"nothing")
    bank.ledger.append(given.model_copy(update={"inputs": given.inputs | {"controls": other}}))
    with pytest.raises(Refused, match="did not weigh controls"):
        admit(bank)


@pytest.mark.parametrize("wrong", ["", "sha256:../../etc", "sha256:" + "g" * 64])
def test_what_is_no_digest_is_bad_input(office, wrong):
    bank = office("candidate")
    with pytest.raises(BadInput, match="no digest"):
        Case(bank.settings, bank.project, wrong)
