"""Proves SRV-08: every decision is recorded, and the record holds against whoever edits it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from redoubt import digests
from redoubt.errors import Refused, Unavailable
from redoubt.proof import proves


@proves("SRV-08.1")
def test_each_record_says_who_asked_what_went_in_and_what_came_out_and_why(logbook):
    log = logbook()
    assert b'annual_income\\":' not in log.text.read_bytes()
    for index, line in enumerate(log.lines):
        assert (line["caller"], line["reference"]) == ("loan-app", f"case-{index}")
        assert line["input"] == digests.digest(log.sealer.open(line["inputs"], line["request"]))
        assert {"at", "rules", "score", "band", "action", "findings"} <= line.keys()
        assert (line["model"], line["reviewer"]) == (log.lines[0]["model"], None)
    assert any(line["reasons"] for line in log.lines)
    assert {line["action"] for line in log.lines} == {"score", "refer"}
    assert len({line["inputs"][:32] for line in log.lines}) == 20  # no nonce twice
    assert len({line["request"] for line in log.lines}) == len(log.lines) == 20


@proves("SRV-08.1")
def test_what_the_service_answers_is_what_it_records(logbook, service, verdicts):
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    rows = (verdicts.row, verdicts.row | {"annual_income": 2e6})
    answers, log = [service.post(row).json() for row in rows], logbook(service.root)
    for row, answer, line in zip(rows, answers, log.lines[-2:], strict=True):
        assert line["request"] == answer.pop("decision_id")
        assert {name: line[name] for name in answer} == answer
        assert json.loads(log.sealer.open(line["inputs"], line["request"])) == row
        assert (line["model"], line["rules"]) == (verdicts.bundle.digest, log.rules)
        assert before <= datetime.fromisoformat(line["at"]) <= datetime.now(UTC)


@proves("SRV-08.1")
def test_each_row_of_a_batch_is_a_record(logbook):
    summary, lines, results = logbook().batched()
    assert summary.decided == len(lines) == 200
    assert len({line["request"] for line in lines}) == 200
    said = [(row["decision_id"], row["score"], row["action"]) for row in results]
    assert [(line["request"], line["score"], line["action"]) for line in lines] == said
    assert {line["caller"] for line in lines} == {"mira"}


ATTACKS = {
    "edit": lambda lines: [*lines[:7], lines[7].replace(b"loan-app", b"loan-apq"), *lines[8:]],
    "delete": lambda lines: lines[:7] + lines[8:],
    "reorder": lambda lines: [*lines[:7], lines[8], lines[7], *lines[9:]],
}


@proves("SRV-08.2")
@pytest.mark.parametrize("attack", ATTACKS)
def test_the_verifier_points_at_the_changed_line(logbook, attack):
    log = logbook()
    assert log.broken_at() is None
    log.rewrite(ATTACKS[attack])
    assert log.broken_at() == 7


@proves("SRV-08.3")
@pytest.mark.parametrize("attack", ["cut", "relinked"])
def test_a_dropped_tail_and_a_chain_made_anew_are_revealed(logbook, attack):
    log = logbook()
    assert log.verified() == log.checkpointed == 20
    log.rewrite(getattr(log, attack))
    assert log.broken_at() == 19
    with pytest.raises(Refused):
        log.restart()


@proves("SRV-08.3")
def test_a_checkpoint_of_another_key_is_refused(logbook, tmp_path):
    log = logbook()
    assert log.checkpointed == 20
    log.forge_checkpoint(tmp_path)
    with pytest.raises(Refused):
        log.checkpoint()


@proves("SRV-08.3")
def test_a_log_without_its_checkpoint_is_refused_and_one_that_was_killed_is_read_whole(
    logbook, small_log
):
    log = logbook()
    log.second_place.unlink()
    for read in (log.verified, log.restart):
        with pytest.raises(Refused, match="no signed checkpoint"):
            read()
    assert [small_log.restarted(edited) for edited in (None, 3)] == [6, -3]


@proves("SRV-08.3")
def test_checkpoints_keep_up_while_the_log_is_open_or_it_stops(small_log):
    assert (small_log.every <= 1000, small_log.seconds <= 10) == (True, True)
    assert small_log.covered_while_open(every=4, seconds=99) == 4
    assert small_log.covered_while_open(every=99, seconds=0.05) == 4
    assert 10 <= small_log.kept_without_a_second_place() < 30


@proves("SRV-08.4")
def test_the_last_records_come_out_again_and_a_different_one_is_named(logbook):
    log = logbook()
    assert (log.replayed(10).replayed, log.replayed(10).difference) == (10, None)
    line = next(line for line in log.lines if line["reasons"])
    other = {"reasons": line["reasons"][1:], "band": "Z", "action": "flag", "rules": "", "input": "",
             "findings": [{"kind": "out_of_range", "field": None}]}  # fmt: skip
    scores = [("score", value) for value in (line["score"] + 0.002, None)]
    for field, value in (*other.items(), *scores):
        found = log.difference(line | {field: value})
        assert found is not None
        assert (found.index, found.field) == (line["seq"], field)
    first = log.replayed(8, rules="another policy").difference
    assert first is not None
    assert first.index == 12


@proves("SRV-08.5")
def test_without_its_log_the_service_answers_503_until_a_restart(full_disk):
    assert full_disk == ((200, True), (503, False), (503, False))


@proves("SRV-08.6")
def test_a_power_cut_loses_nothing_that_was_acknowledged(power_cut):
    assert (power_cut.acknowledged, power_cut.lost) == (200, 0)


@proves("SRV-08.6")
def test_a_kill_under_load_loses_nothing_that_was_acknowledged(killed):
    assert 0 < killed.acknowledged <= killed.kept


@proves("SRV-08.7")
def test_nobody_but_the_services_account_reaches_the_log(logbook):
    log = logbook()
    places = (log.folder, log.text, log.key)
    assert [place.stat().st_mode & 0o777 for place in places] == [0o700, 0o600, 0o600]
    assert log.verified() == 20
    log.text.chmod(0o660)
    for read in (log.verified, log.restart):
        with pytest.raises(Refused, match="open to others"):
            read()
    log.key.chmod(0o640)
    with pytest.raises(Unavailable, match="mode 640"):
        log.sealer_again()
