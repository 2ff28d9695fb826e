"""The ledger: every flipped byte, exchanged record and dropped tail is told."""

from __future__ import annotations

import json
import os
import stat

import pytest

from redoubt import chain, clock, digests, ledger
from redoubt.errors import Refused, Unavailable
from redoubt.records import (
    Approval,
    ControlResult,
    Decision,
    GateResult,
    Lineage,
    Registration,
    Run,
    Splits,
)
from redoubt.release import status
from redoubt.settings import Settings


def test_the_ledger_of_a_promotion_verifies(office):
    kinds = [type(entry.record) for entry in office("promoted").ledger.entries()]
    assert kinds == [
        Lineage,
        Splits,
        Run,
        Registration,
        GateResult,
        GateResult,
        Approval,
        GateResult,
        ControlResult,
        Decision,
    ]


@pytest.mark.parametrize("line", range(10))
def test_a_flipped_bit_in_any_record_is_told(office, line):
    bank = office("promoted")
    lines = bank.ledger.path.read_bytes().splitlines(keepends=True)
    changed = bytearray(lines[line])
    changed[len(changed) // 2] ^= 1
    bank.ledger.path.write_bytes(b"".join([*lines[:line], bytes(changed), *lines[line + 1 :]]))
    with pytest.raises(Refused):
        bank.ledger.entries()


@pytest.mark.parametrize("drop", [1, 3, 10])
def test_a_dropped_tail_is_told_by_the_checkpoint(office, drop):
    bank = office("promoted")
    lines = bank.ledger.path.read_bytes().splitlines(keepends=True)
    bank.ledger.path.write_bytes(b"".join(lines[:-drop]))
    with pytest.raises(chain.ChainBroken, match="missing"):
        bank.ledger.entries()


def test_a_dropped_tail_does_not_hide_behind_a_removed_checkpoint(office):
    bank = office("promoted")
    lines = bank.ledger.path.read_bytes().splitlines(keepends=True)
    bank.ledger.path.write_bytes(b"".join(lines[:-1]))
    bank.ledger.checkpoint.unlink()
    with pytest.raises(Refused, match="checkpoint"):
        bank.ledger.entries()


def test_a_removed_or_exchanged_line_is_told(office):
    bank = office("promoted")
    lines = bank.ledger.path.read_bytes().splitlines(keepends=True)
    for changed in (lines[:2] + lines[3:], [lines[1], lines[0], *lines[2:]]):
        bank.ledger.path.write_bytes(b"".join(changed))
        with pytest.raises(chain.ChainBroken):
            bank.ledger.entries()


def append_raw(bank, value):
    """Append a line with a right link, as somebody with write access to the file can."""
    return chain.append(bank.ledger.path, [value])


def test_an_old_signed_decision_copied_to_the_end_is_refused(office, envelopes):
    bank = office("promoted")
    old = envelopes(bank.ledger.path)[-1]
    append_raw(bank, {"kind": old["kind"], "envelope": old["envelope"]})
    with pytest.raises(Refused, match="signed for line"):
        bank.ledger.entries()


def test_a_record_signed_with_a_key_of_another_purpose_is_refused(office, envelopes):
    bank = office("approved")
    last = chain.head(bank.ledger.path)
    decision = {"kind": "redoubt/decision/1"}
    signed = digests.canonical({"seq": last.count, "prev": last.hash, "record": decision})
    envelope = bank.settings.signer("gate").sign(signed)
    append_raw(bank, decision | {"envelope": envelope})
    with pytest.raises(Refused, match="decision signature"):
        bank.ledger.entries()


def test_a_record_under_the_name_of_another_kind_is_refused(office):
    bank = office("approved")
    last = chain.head(bank.ledger.path)
    record = bank.result("performance").model_dump(mode="json")
    signed = {"seq": last.count, "prev": last.hash, "at": "2026-01-01T00:00:00", "record": record}
    envelope = bank.settings.signer("approval").sign(digests.canonical(signed))
    append_raw(bank, {"kind": "redoubt/approval/1", "envelope": envelope})
    with pytest.raises(Refused, match="holds no Approval"):
        bank.ledger.entries()


@pytest.mark.parametrize("line", [{"kind": "x"}, {"kind": "redoubt/gate/1"},
                                  {"kind": "redoubt/gate/1", "envelope": {"payload": 1}}])  # fmt: skip
def test_an_unsigned_line_is_refused(office, line):
    bank = office("approved")
    append_raw(bank, line)
    with pytest.raises(Refused):
        bank.ledger.entries()


def test_a_clock_before_the_newest_record_is_refused(office, later):
    bank = office("approved")
    later(days=-1)
    with pytest.raises(Refused, match="before the newest record"):
        bank.judge("parity-service")


def test_a_line_that_a_kill_left_unfinished_is_cut_and_the_work_goes_on(office):
    bank = office("approved")
    whole = bank.ledger.path.read_bytes()
    bank.ledger.path.write_bytes(whole + b'{"seq":7,"pre')
    assert len(bank.ledger.entries()) == 7
    assert bank.ledger.path.read_bytes() == whole
    bank.judge("parity-service")
    assert len(bank.ledger.entries()) == 8


def test_a_kill_between_record_and_checkpoint_leaves_a_valid_ledger(office, monkeypatch):
    bank = office("approved")
    with monkeypatch.context() as patch:
        patch.setattr(
            chain, "write_checkpoint", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            bank.judge("parity-service")
    assert len(bank.ledger.entries()) == 8


@pytest.mark.parametrize("stage", ["approved", "promoted"])
def test_a_copy_of_an_older_checkpoint_still_tells_what_it_knows(office, stage):
    bank = office(stage)
    checkpoint = json.loads(bank.ledger.checkpoint.read_text())
    signed = bank.settings.trust.verify(checkpoint, "checkpoint")
    assert json.loads(signed)["count"] == len(bank.ledger.entries())


def test_a_full_disk_leaves_the_ledger_as_it_was(office, monkeypatch):
    bank = office("approved")
    before = bank.ledger.entries()

    def full(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Unavailable, match="No space left"):
            bank.judge("parity-service")
    assert ledger.Ledger(bank.settings).entries()[: len(before)] == before
    bank.judge("parity-service")


def test_development_records_are_refused_by_other_anchors(office, tmp_path):
    bank = office("promoted")
    from redoubt.release import keys

    other = Settings(root=tmp_path / "other")
    keys.create(other)
    moved = Settings(root=bank.settings.root, anchors=other.anchors)
    with pytest.raises(Refused, match="does not verify"):
        ledger.Ledger(moved).entries()


def test_keys_and_tokens_are_readable_by_their_owner_only(office):
    bank = office("candidate")
    secret = [*bank.settings.keys.glob("*.pem"), *(bank.settings.state / "issuer").iterdir()]
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in secret)


def test_status_refuses_a_broken_ledger(office, flip):
    bank = office("promoted")
    flip(bank.ledger.path)
    with pytest.raises(Refused):
        status.status(bank.settings, bank.project)


def test_the_time_of_an_entry_is_signed(office, later):
    bank = office("approved")
    later(days=2)
    bank.judge("parity-service")
    assert bank.ledger.latest_time() == clock.now()


def test_a_read_only_disk_is_told_and_changes_nothing(office, monkeypatch):
    bank = office("approved")
    before = bank.ledger.path.read_bytes()

    real = type(bank.ledger.path).open

    def read_only(path, mode="r", *rest, **options):
        if "a" in mode or "w" in mode:
            raise OSError(30, "Read-only file system")
        return real(path, mode, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(type(bank.ledger.path), "open", read_only)
        with pytest.raises(Unavailable, match="Read-only"):
            bank.judge("parity-service")
    assert bank.ledger.path.read_bytes() == before
