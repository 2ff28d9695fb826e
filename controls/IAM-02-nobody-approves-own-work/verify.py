"""Proves IAM-02: duties are separated, by role and by person."""

import pytest

from redoubt import admission, identity, records
from redoubt.proof import proves
from redoubt.records import Approval, Registration
from redoubt.release import authorship, promote

TOXIC = ["train approve", "approve promote", "train validate", "register approve"]


@proves("IAM-02.1")
def test_no_role_of_this_project_holds_a_toxic_pair(root, desk):
    assert desk.refusal(identity.duties, root) is None
    matrix = identity.duties(root)
    assert matrix.conflicts() == []
    for pair in TOXIC:
        assert identity.Duties({"one": frozenset(pair.split())}, matrix.toxic).conflicts(), pair


@proves("IAM-02.1")
def test_the_platforms_roles_are_those_of_the_table(floors):
    assert floors.moved("IAM-02") == []


@proves("IAM-02.2")
@pytest.mark.parametrize("roles", ["developer: [train, approve]", "caller: [score, judge]"])
def test_an_override_adds_no_duty(tmp_path, desk, roles):
    path = tmp_path / "conf" / "roles.yml"
    path.parent.mkdir()
    path.write_text("roles: {developer: [train]}\n")
    assert desk.refusal(identity.duties, tmp_path) is None
    path.write_text(f"roles: {{{roles}}}\n")
    assert desk.refusal(identity.duties, tmp_path)


@proves("IAM-02.3")
def test_who_holds_a_toxic_pair_by_two_roles_may_do_neither(desk):
    office = desk()
    require = identity.duties(office.root).require
    both = office.person("zoe", roles=["developer", "approver"])
    assert desk.refusal(require, office.person("mira"), "train") is None
    assert desk.refusal(require, both, "train")
    assert desk.refusal(require, both, "approve")


@proves("IAM-02.3")
@pytest.mark.parametrize(
    ("one", "other", "pair"),
    [("approver", "deployer", "approve promote"), ("developer", "validator", "train validate")],
)
def test_every_toxic_pair_counts_and_not_only_the_first(desk, one, other, pair):
    office, (first, second) = desk(), pair.split()
    require = identity.duties(office.root).require
    for role, action in ((one, first), (other, second)):
        assert desk.refusal(require, office.person("zoe", roles=[role]), action) is None
        assert desk.refusal(require, office.person("zoe", roles=[one, other]), action)


@proves("IAM-02.4")
@pytest.mark.parametrize("name", ["mira", " MIRA ", "kim"])
def test_author_and_registrant_cannot_approve_even_with_the_role(desk, name):
    office = desk()
    office.record(Registration, by=office.person("kim", roles=["developer"]).actor())
    assert desk.refusal(office.approve, office.approver(name))
    assert desk.refusal(office.approve, office.approver("zoe")) is None


@proves("IAM-02.5")
def test_whose_change_was_merged_cannot_approve(desk, merged_change, monkeypatch):
    office, people = desk(), authorship.changed(*merged_change)
    monkeypatch.setattr(authorship, "changed", lambda root, commit: people)
    for name in ("zoe", "kim", "max"):
        assert desk.refusal(office.approve, office.approver(name)), name
    assert desk.refusal(office.approve, office.approver("lu")) is None


@proves("IAM-02.6")
@pytest.mark.parametrize("forged", [{"subject": "mira"}, {"roles": ("developer",)}])
def test_a_forged_approval_on_the_ledger_counts_for_nothing(desk, forged):
    office = desk()
    assert desk.refusal(admission.check_approval, office.case) is None
    by = admission.approval(office.case).by.model_copy(update=forged)
    office.record(Approval, by=by)
    assert desk.refusal(admission.check_approval, office.case)


@proves("IAM-02.6")
@pytest.mark.parametrize("kind", ["Registration", "GateResult", "Decision"])
def test_a_record_of_somebody_without_the_role_counts_for_nothing(desk, kind):
    office = desk()
    assert desk.refusal(office.checked, kind) is None
    office.record(getattr(records, kind), by=office.person("tom", roles=["auditor"]).actor())
    assert desk.refusal(office.checked, kind)


@proves("IAM-02.6")
@pytest.mark.parametrize("kind", ["Registration", "GateResult", "Approval", "Decision"])
def test_a_record_of_the_development_issuer_counts_in_development_only(desk, production, kind):
    office = desk()
    assert desk.refusal(office.checked, kind) is None
    for place in ("validation", "production"):
        office.settings = production(office.root, place)
        assert "named by the development issuer" in (desk.refusal(office.checked, kind) or "")
    *_, made = office.ledger.all(getattr(records, kind), office.digest)
    by = made.by.model_copy(update={"issuer": office.settings.issuer})
    office.record(getattr(records, kind), by=by)
    assert desk.refusal(office.checked, kind) is None


@proves("IAM-02.7")
def test_who_approved_cannot_deploy(desk):
    office = desk()
    deployer = office.person("ada", roles=["deployer"])
    assert desk.refusal(promote.check_deployer, office.case, by=office.person("mira")) is None
    assert desk.refusal(promote.check_deployer, office.case, by=deployer)


@proves("IAM-02.11")
@pytest.mark.parametrize("step", ["train", "register", "judge", "approve", "promote"])
def test_each_step_is_refused_to_whoever_lacks_its_role(desk, step):
    words = desk.refusal(desk().step, step, "tom", ["auditor"])
    assert f"tom (auditor) may not {step}" in (words or "")


@proves("IAM-02.8")
def test_the_model_was_approved_by_another_person(registered, refusal):
    why = refusal(admission.check_approval, registered)
    assert why is None, why
    approver = admission.approval(registered).by.subject
    for other in (registered.bundle.run.author, admission.registration(registered).by):
        assert not identity.same_person(approver, other.subject)
