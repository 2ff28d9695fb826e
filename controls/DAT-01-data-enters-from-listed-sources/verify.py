"""Proves DAT-01: only an authenticated file of a listed source that keeps the contract gets in."""

import pytest

from redoubt import digests
from redoubt.data import contract, snapshots
from redoubt.proof import proves


@proves("DAT-01.1")
def test_a_listed_and_signed_file_is_taken_in_once_and_its_origin_is_signed(intake):
    desk = intake()
    assert desk.outcome(desk.file)[:3] == (0, "400 rows of synthetic by signed-receipt", 2)
    assert desk.outcome(desk.file)[:3] == (0, "400 rows of synthetic by signed-receipt", 0)
    lineage = snapshots.load(desk.settings)[1]
    assert lineage.source.file_digest == digests.digest_file(desk.file)
    assert (lineage.contract, lineage.by.subject) == (contract.of(desk.model.schema).digest, "mira")


@proves("DAT-01.2")
def test_a_file_of_an_unlisted_source_or_of_another_place_is_refused(intake):
    desk = intake()
    desk.list_sources(desk.settings.keys / "source.pem", folder="elsewhere")
    for source, words in (("stranger", "is not a source"), ("partner", "does not lie where")):
        code, message, added, reasons = desk.outcome(desk.file, source)
        assert (code, words in message, added, reasons.get("refused")) == (1, True, 0, message)
    for file in desk.misplaced():
        found = desk.outcome(file)
        assert (found.code, "does not lie where" in found.words, found.added) == (1, True, 0)
    assert desk.outcome(desk.file).code == 0


@proves("DAT-01.2")
def test_no_source_proves_nothing_or_stands_for_the_platforms(intake):
    desk = intake()
    conf = desk.list_sources(desk.settings.keys / "source.pem")
    assert desk.listed() == {"archive", "partner", "synthetic"}
    assert desk.listed("production") == {"archive", "partner"}
    assert desk.listed(text=conf.read_text().replace("partner:", "synthetic:")) == 1
    assert desk.listed(text="sources: {dump: {meaning: Anything, location: drop/*.csv}}") == 2
    assert desk.listed(text="disabled: [synthetic]") == set()


@proves("DAT-01.3")
def test_a_file_without_the_proof_of_its_publisher_is_refused(intake, tmp_path):
    desk = intake()
    for file, source, code, words in desk.claimed(tmp_path):
        found = desk.outcome(file, source)
        assert (found.code, words in found.words, found.added) == (code, True, 2 - 2 * code)
        assert found.reasons.get("refused") == (found.words if code else None)


@proves("DAT-01.4")
def test_a_file_that_breaks_the_contract_as_a_whole_is_refused(tables):
    desk = tables()
    for words, file, source in desk.broken():
        code, message, added, reasons = desk.outcome(file, source)
        assert (code, words in message, added, reasons.get("refused")) == (2, True, 0, message)
    found = desk.outcome(desk.large(), "partner")
    assert (found.code, "larger than 1 MiB" in found.words, found.added) == (2, True, 0)
    # the same rows as CSV and as Parquet: one snapshot, and each its lineage
    assert [desk.outcome(*file)[::2] for file in desk.whole()] == [(0, 2), (0, 1)]
    commanded = desk.intake.commanded
    assert (commanded(file, source), commanded(desk.intake.file, "synthetic")) == (2, 0)


@proves("DAT-01.5")
def test_a_row_that_breaks_one_rule_is_set_aside_with_its_reason(tables):
    desk = tables()
    for file, source, reasons in desk.broken_rows():
        assert (desk.outcome(file, source).code, desk.set_aside(file)) == (0, reasons)
        assert len(snapshots.load(desk.settings)[0]) == 400 - len(reasons)


@proves("DAT-01.6")
@pytest.mark.parametrize(("bad", "code"), [(8, 0), (9, 1)])
def test_a_file_with_more_bad_rows_than_the_tier_allows_is_refused(intake, bad, code):
    desk = intake()
    for row in range(1, bad + 1):
        desk.lines = desk.changed(row, "annual_income", "-1")
    found = desk.outcome(file := desk.publish(desk.lines))
    assert (found.code, found.added, len(desk.set_aside(file))) == (code, 2 - 2 * code, bad)


@proves("DAT-01.7")
def test_every_rule_of_the_schema_is_part_of_the_contracts_version(intake):
    same, others = intake().contracts()
    assert (len(same), len(same | others)) == (1, 13)


@proves("DAT-01.8")
def test_a_snapshot_with_a_flipped_byte_or_without_signed_origin_is_not_used(intake):
    desk = intake()
    dataset = desk.take(desk.file).dataset
    assert desk.uses(dataset) == [400, 400]
    desk.flip_a_byte(dataset)
    assert desk.uses(dataset) == [1, 1]
    assert desk.outcome(desk.file).code == 1
    assert desk.uses("sha256:" + "1" * 64) == [2, 2]


@proves("DAT-01.9")
def test_its_floors_are_those_of_the_table(floors):
    assert floors.moved("DAT-01") == []
