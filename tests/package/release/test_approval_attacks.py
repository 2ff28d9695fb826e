"""Whose approval counts: nobody's own work, nobody without the role, words or earlier gates."""

import subprocess

import pytest

from redoubt import digests
from redoubt.errors import BadInput, Refused
from redoubt.records import Approval
from redoubt.release import authorship

OFFLINE = ("performance", "parity-onnx")


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
