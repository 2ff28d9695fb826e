"""What a gate is given: only locked, whole and separate splits, of the bundle's own code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from redoubt import clock, datasets, signing
from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.gates import candidate
from redoubt.gates.candidate import Candidate, Service
from redoubt.ledger import Ledger
from redoubt.records import Splits
from redoubt.settings import Settings

DATASET = "sha256:" + "d" * 64


@dataclass
class Bench:
    """A ledger with one record of locked splits, and the candidate of a run that used them."""

    settings: Settings
    rows: dict[str, list[int]] = field(
        default_factory=lambda: {"train": [0, 1], "out_of_sample": [2], "out_of_time": [3]}
    )
    dataset: str = DATASET
    minutes: int = 0

    def candidate(self, *, named: bool = True) -> Candidate:
        record = Splits(
            dataset=self.dataset, seed=1, rows={}, out_of_time_from="2024-01-01",
            assignment=datasets.write_assignment(self.settings, self.rows),
            locked=clock.now() + timedelta(minutes=self.minutes),
        )  # fmt: skip
        Ledger(self.settings).append(record)
        digest = record.digest if named else "sha256:" + "0" * 64
        run = SimpleNamespace(dataset=DATASET, splits=digest, at=clock.now())
        return Candidate(self.settings, SimpleNamespace(run=run))  # type: ignore[arg-type]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A project folder with keys."""
    settings = Settings(root=tmp_path)
    signing.create_development_keys(settings.keys, settings.anchors)
    return Bench(settings)


def test_locked_splits_are_read(bench: Bench) -> None:
    assert bench.candidate()._rows == bench.rows


@pytest.mark.parametrize(
    "change", [{"dataset": "sha256:" + "e" * 64}, {"minutes": 5}, {"named": False}]
)
def test_splits_of_other_data_locked_later_or_unknown_are_refused(
    bench: Bench, change: dict[str, Any]
) -> None:
    named = change.pop("named", True)
    for name, value in change.items():
        setattr(bench, name, value)
    with pytest.raises(Refused, match="not locked on the ledger"):
        _ = bench.candidate(named=named)._rows


def test_a_row_in_two_splits_is_refused(bench: Bench) -> None:
    bench.rows["out_of_time"].append(0)
    with pytest.raises(Refused, match="in two splits"):
        _ = bench.candidate()._rows


def test_a_changed_or_missing_file_of_splits_is_told(bench: Bench) -> None:
    made = bench.candidate()
    (path,) = (bench.settings.state / "data" / "splits").glob("*.json")
    path.write_bytes(path.read_bytes().replace(b"3", b"1"))
    with pytest.raises(Refused, match="changed after they were locked"):
        _ = made._rows
    path.unlink()
    with pytest.raises(Unavailable, match="cannot be read"):
        _ = made._rows


def test_an_unknown_model_is_named(bench: Bench) -> None:
    with pytest.raises(BadInput, match="sha256:feed"):
        candidate.find(bench.settings, "sha256:feed")


def test_changed_feature_code_stops_before_any_data_is_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bench.candidate()
    monkeypatch.setattr(Candidate, "changed_code", lambda _: ("features.py",))
    with pytest.raises(Refused, match=r"features\.py is not the file"):
        made.fold("train")


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(Service("https://127.0.0.1:1", "secret", Path("ca.pem")))
