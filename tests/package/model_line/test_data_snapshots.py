"""Ingestion and snapshots: what is kept, what is set aside, and what a broken disk leaves behind."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from typing import Any

import pytest

from redoubt import clock, datasets, identity
from redoubt.data import contract, ingest, quarantine, snapshots
from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.ledger import Ledger
from redoubt.release import issuer


def take_as(desk: Any, person: str) -> Any:
    by = issuer.identity(desk.settings, person)
    return ingest.ingest(
        desk.settings, desk.project, desk.model, desk.file, source="synthetic", by=by
    )


def test_only_a_data_steward_takes_data_in(desk) -> None:
    with pytest.raises(Refused, match="may not ingest"):
        take_as(desk, "ada")
    assert desk.kept() == (0, 0)
    assert "data_steward" in identity.duties(desk.settings.root).who("ingest")


def test_the_same_rows_from_another_file_are_the_same_snapshot_with_a_second_origin(desk) -> None:
    first = desk.take(desk.file)
    second = desk.take(desk.publish(desk.lines[:1] + desk.lines[1:], "copy.csv"))
    assert second == first
    turned = [list(reversed(line)) for line in desk.lines]
    third = desk.take(desk.publish(turned, "turned.csv"))
    assert third.dataset == first.dataset
    assert third.source.file_digest != first.source.file_digest
    assert desk.kept() == (1, 2)


def test_protected_columns_lie_apart_and_never_in_the_training_table(desk) -> None:
    lineage = desk.take(desk.file)
    table, found = snapshots.load(desk.settings)
    assert found == lineage
    assert not {"sex", "age_group"} & {*table.columns, *lineage.columns}
    apart = snapshots.load_protected(desk.settings)
    assert list(apart.columns) == ["application_id", "sex", "age_group"]
    assert apart["application_id"].tolist() == table["application_id"].tolist()


@pytest.mark.parametrize("name", [datasets.DATA, datasets.PROTECTED])
@pytest.mark.parametrize("place", [0, 100, -1000, -1])
def test_a_flipped_byte_anywhere_is_refused(desk, name: str, place: int) -> None:
    lineage = desk.take(desk.file)
    path = datasets.folder(desk.settings, lineage.dataset) / name
    data = bytearray(path.read_bytes())
    data[place] ^= 0x10
    path.write_bytes(bytes(data))
    with pytest.raises(Refused, match="was changed"):
        snapshots.load(desk.settings)
    with pytest.raises(Refused, match="was changed"):
        desk.take(desk.file)


def test_a_snapshot_without_its_protected_part_is_refused(desk) -> None:
    lineage = desk.take(desk.file)
    (datasets.folder(desk.settings, lineage.dataset) / datasets.PROTECTED).unlink()
    with pytest.raises(Refused):
        snapshots.load(desk.settings)


def test_a_removed_snapshot_is_said_to_be_missing(desk) -> None:
    lineage = desk.take(desk.file)
    (datasets.folder(desk.settings, lineage.dataset) / datasets.DATA).unlink()
    with pytest.raises(Unavailable, match="cannot be read"):
        snapshots.load(desk.settings)


def test_a_snapshot_is_named_by_digest_prefix_or_newest(desk) -> None:
    with pytest.raises(Unavailable, match="No data was ingested"):
        snapshots.load(desk.settings)
    first = desk.take(desk.file)
    second = desk.take(desk.publish(desk.lines[:-1]))
    assert snapshots.load(desk.settings)[1] == second
    assert snapshots.load(desk.settings, first.dataset[:20])[1] == first
    with pytest.raises(BadInput, match="several"):
        snapshots.load(desk.settings, "sha256:")
    with pytest.raises(BadInput, match="no snapshot"):
        snapshots.load(desk.settings, "sha256:00112233")


def test_a_clock_before_the_newest_record_is_refused(desk, monkeypatch) -> None:
    desk.take(desk.file)
    earlier = clock.now() - timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: earlier)
    with pytest.raises(Refused, match="before the newest record"):
        desk.take(desk.publish(desk.lines[:-1]))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_refuses_leaves_no_record_and_the_same_command_works_later(
    desk, monkeypatch, number: int
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        with pytest.raises(Unavailable, match=os.strerror(number)):
            desk.take(desk.file)
    assert desk.kept() == (0, 0)
    assert desk.take(desk.file).rows == 400
    assert desk.kept() == (1, 1)


def test_a_snapshot_whose_record_failed_is_not_used(desk, monkeypatch) -> None:
    def refuse(*_: Any) -> None:
        raise Unavailable("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append", refuse)
        with pytest.raises(Unavailable):
            desk.take(desk.file)
    assert desk.kept() == (1, 0)
    with pytest.raises(Unavailable, match="No data"):
        snapshots.load(desk.settings)
    assert desk.take(desk.file).rows == 400


def test_quarantine_keeps_rows_apart_from_reasons_that_name_no_value(desk) -> None:
    file = desk.publish(desk.changed(5, "housing", "castle"))
    lineage = desk.take(file)
    place = quarantine.folder(desk.settings, lineage.source.file_digest)
    assert "castle" in (place / "rows.csv").read_text()
    assert "castle" not in (place / "reasons.json").read_text()
    assert desk.set_aside(file) == [(5, "housing", "unknown level")]
    assert ((place / "rows.csv").stat().st_mode & 0o077) == 0


def test_a_row_with_two_defects_is_set_aside_once_with_both_reasons(desk) -> None:
    desk.lines = desk.changed(3, "housing", "castle")
    file = desk.publish(desk.changed(3, "term_months", "x"))
    assert desk.take(file).quarantined == 1
    assert desk.set_aside(file) == [
        (3, "housing", "unknown level"),
        (3, "term_months", "not a integer"),
    ]


def test_a_stricter_project_refuses_what_the_platform_lets_pass(desk) -> None:
    path = desk.settings.root / "conf" / "data.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("numbers: {ingest: {bad_row_share: 0.0}}")
    file = desk.publish(desk.changed(1, "housing", "castle"))
    assert "more than 0.0%" in desk.outcome(file).words
    path.write_text("numbers: {ingest: {bad_row_share: 0.5}}")
    with pytest.raises(BadInput, match="looser than the platform's floor"):
        desk.take(file)


def test_another_contract_makes_another_lineage_of_the_same_file(desk) -> None:
    first = desk.take(desk.file)
    digest = contract.of(desk.model.schema).digest
    assert first.contract == digest
    note = datasets.folder(desk.settings, first.dataset) / "contract.json"
    assert contract.Contract.model_validate_json(note.read_bytes()).digest == digest
