"""Files that cannot be data: each is refused whole, by name, with exit code 2, and nothing is kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from redoubt.data import readers, snapshots, sources
from redoubt.data.readers import Violation
from redoubt.errors import BadInput
from redoubt.model import Column, Schema
from redoubt.profiles.pd import truth
from redoubt.profiles.pd.reference.model import MODEL
from redoubt.signing import LocalSigner

SMALL = Schema(
    (
        Column("id", "text", "key"), Column("day", "date", "time"),
        Column("amount", "number", "x", low=0, high=10, missing=True),
        Column("count", "integer", "n"), Column("kind", "category", "k", levels=("a", "b")),
        Column("bad", "integer", "y", low=0, high=1),
    ),
    target="bad", time="day", key="id",
)  # fmt: skip
GOOD = b"id,day,amount,count,kind,bad\n1,2024-01-01,0.5,3,a,0\n2,2024-01-02,,4,b,1\n"


def parquet(table: Any, **types: pa.DataType) -> bytes:
    found = pa.Table.from_pandas(table, preserve_index=False)
    for name, kind in types.items():
        index = found.schema.get_field_index(name)
        found = found.set_column(index, name, found[name].cast(kind))
    stream = io.BytesIO()
    pq.write_table(found, stream)
    return stream.getvalue()


def read(data: bytes, name: str, most: int = 1 << 20) -> readers.Table:
    return readers.read(data, name, SMALL, most=most)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"id": ["1", "2"], "day": pd.to_datetime(["2024-01-01", "2024-01-02"]), "amount": [0.5, None],
         "count": [3, 4], "kind": ["a", "b"], "bad": [0, 1]}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n", "not at all"),
        (GOOD.splitlines()[0] + b"\n", "no rows"),
        (GOOD.replace(b"kind", b"kind,kind"), "'kind' twice"),
        (GOOD.replace(b",kind", b""), "'kind' not at all"),
        (GOOD.replace(b"bad\n", b"bad,note\n", 1), "'note' unexpectedly"),
        (GOOD.replace(b",", b";"), "not at all"),
        (GOOD[:-6], "not a whole CSV"),
        (GOOD + b"3,2024-01-03,1,1,a,0,extra\n", "not a whole CSV"),
        (GOOD.replace(b",a,", ",\xe4,".encode("latin-1")), "not UTF-8: byte 0xe4 in line 2"),
        (GOOD.decode().encode("utf-16"), "not UTF-8"),
        (GOOD.replace(b"0.5", b"0\x005"), "NUL"),
        (GOOD.replace(b"2024-01-01", b"01/01/24").replace(b"2024-01-02", b"02/01/24"), "'day'"),
        (GOOD.replace(b"3,a", b"x,a").replace(b"4,b", b"y,b"), "'count'"),
    ],
)
def test_a_csv_file_that_breaks_the_contract_names_what_is_wrong(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        read(data, "loans.csv")
    assert "loans.csv" in refused.value.message
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (parquet(frame())[:-20], "not a whole Parquet"),
        (parquet(frame())[:100], "not a whole Parquet"),
        (GOOD, "not a whole Parquet"),
        (parquet(frame().drop(columns="kind")), "'kind' not at all"),
        (parquet(frame().assign(note="x")), "'note' unexpectedly"),
        (parquet(frame(), amount=pa.string()), "'amount' is string"),
        (parquet(frame().astype({"day": str})), "'day' is"),
        (parquet(frame().head(0)), "no rows"),
    ],
)
def test_a_parquet_file_that_breaks_the_contract_names_what_is_wrong(
    data: bytes, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        read(data, "loans.parquet")


def test_a_doubled_parquet_column_is_refused() -> None:
    table = pa.table([pa.array(["1"])] * 2, names=["id", "id"])
    stream = io.BytesIO()
    pq.write_table(table, stream)
    with pytest.raises(BadInput, match="'id' twice"):
        read(stream.getvalue(), "loans.parquet")


def test_other_formats_are_refused_by_name() -> None:
    with pytest.raises(BadInput, match=r"loans.xlsx is neither .csv nor .parquet"):
        read(GOOD, "loans.xlsx")


def test_no_message_quotes_a_persons_row() -> None:
    with pytest.raises(BadInput) as refused:
        read(GOOD + b"Ada Lovelace,2024\n", "loans.csv")
    assert "Lovelace" not in str(refused.value)


def test_csv_and_parquet_of_the_same_rows_are_read_alike() -> None:
    left, right = (
        read(GOOD, "a.csv"),
        read(parquet(frame()), "a.parquet"),
    )
    for column in SMALL.columns:
        one, other = (table.typed[column.name].astype(object) for table in (left, right))
        assert one.where(one.notna(), None).tolist() == other.where(other.notna(), None).tolist()
    assert left.violations == right.violations == ()


def test_a_parquet_files_own_index_is_no_row_number_and_hides_no_column() -> None:
    stream = io.BytesIO()
    bad = frame().assign(amount=[0.5, float("inf")])
    bad.index = pd.RangeIndex(0, 4, 2)
    pq.write_table(pa.Table.from_pandas(bad), stream)
    assert read(stream.getvalue(), "a.parquet").violations == (
        Violation(1, "amount", "not a number"),
    )
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame().set_index("id")), stream)
    assert read(stream.getvalue(), "a.parquet").typed["id"].tolist() == ["1", "2"]


def test_a_day_beyond_pythons_calendar_is_a_day_all_the_same() -> None:
    table = pa.Table.from_pandas(frame(), preserve_index=False)
    far = pa.array([2**31 - 1, 0], pa.int32()).cast(pa.date32())
    stream = io.BytesIO()
    pq.write_table(table.set_column(1, "day", far), stream)
    found = read(stream.getvalue(), "a.parquet").typed["day"]
    assert found.dt.year.tolist() == [5881580, 1970]


def test_text_that_is_no_text_is_refused_without_being_quoted() -> None:
    data = parquet(frame().assign(id=["Ada Lovelace", "2"])).replace(
        b"Ada Lovelace", b"Ada \xffovelace"
    )
    with pytest.raises(BadInput, match="not a whole Parquet") as refused:
        read(data, "a.parquet")
    assert "Ada" not in str(refused.value)


@pytest.mark.parametrize(("rows", "fits"), [(100, True), (40_000, False)])
def test_a_parquet_file_that_unpacks_to_too_much_is_refused(rows: int, fits: bool) -> None:
    data = parquet(pd.concat([frame()] * (rows // 2)))
    assert len(data) < 1 << 16
    if fits:
        assert len(read(data, "a.parquet").typed) == rows
        return
    with pytest.raises(BadInput, match="unpacks to more than 1 MiB"):
        read(data, "a.parquet")


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_dates_and_times_in_parquet_become_days(zone: str | None) -> None:
    day = pd.to_datetime(["2024-01-01 10:00", "2024-01-02 11:30"]).tz_localize(zone)
    found = read(parquet(frame().assign(day=day)), "a.parquet")
    assert found.typed["day"].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-01", "2024-01-02"]
    plain = read(parquet(frame(), day=pa.date32()), "a.parquet")
    assert plain.typed["day"].equals(found.typed["day"])


def test_a_byte_order_mark_and_another_column_order_are_accepted() -> None:
    marked = read(b"\xef\xbb\xbf" + GOOD, "a.csv")
    turned = b"\n".join(b",".join(reversed(line.split(b","))) for line in GOOD.splitlines())
    assert marked.typed.equals(read(turned, "a.csv").typed)


@pytest.mark.parametrize("cell", [b"x", b"nan", b"inf", b"1e999", b"1,5".replace(b",", b"_")])
def test_a_cell_that_is_no_number_is_a_violation_of_its_row(cell: bytes) -> None:
    more = b"".join(b"%d,2024-01-03,1,1,a,0\n" % number for number in range(3, 9))
    found = read(GOOD.replace(b"0.5", cell) + more, "a.csv")
    assert found.violations == (Violation(0, "amount", "not a number"),)
    assert found.typed["amount"].isna()[0]


def test_a_missing_file_anywhere_is_said_to_be_missing(desk, tmp_path: Path) -> None:
    for folder in (desk.file.parent, tmp_path):
        with pytest.raises(BadInput, match=r"nothing\.csv does not exist"):
            desk.take(folder / "nothing.csv")


def test_a_missing_file_and_a_folder_are_bad_input(desk) -> None:
    for name in ("nothing.csv", "folder.csv"):
        path = desk.file.with_name(name)
        if name.startswith("folder"):
            path.mkdir()
        with pytest.raises(BadInput, match=name):
            desk.take(path)


def test_a_truncated_file_no_longer_fits_its_receipt(desk) -> None:
    data = desk.file.read_bytes()
    desk.file.write_bytes(data[: len(data) // 2])
    assert desk.outcome(desk.file)[:3:2] == (1, 0)


def test_a_team_brings_a_parquet_file(desk, tmp_path: Path) -> None:
    table, _ = truth.generate(500, seed=3)
    path = desk.file.with_name("team.parquet")
    path.write_bytes(parquet(pd.DataFrame(table)))
    conf = desk.list_sources(desk.settings.keys / "source.pem")
    conf.write_text(conf.read_text().replace("*.csv", "*.parquet"))
    sources.write_receipt(path, "partner", LocalSigner(desk.settings.keys / "source.pem"))
    lineage = desk.take(path, "partner")
    assert (lineage.rows, lineage.quarantined) == (500, 0)
    kept, _ = snapshots.load(desk.settings)
    assert list(kept.columns) == [c.name for c in MODEL.schema.columns if not c.protected]
