"""The list of what scanners are told to skip: every line is whole, narrow, needed and short-lived."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from redoubt.errors import BadInput
from redoubt.infra import skips
from redoubt.infra.skips import Finding, Skip

TODAY = datetime.date(2026, 12, 1)
REASON = "Because nothing else would be right here, as the review found."
BUCKET = Finding("CKV_AWS_1", "bucket/aws_s3_bucket.this", "module.data.aws_s3_bucket.this")
LOGS = Finding("CKV_AWS_1", "bucket/aws_s3_bucket.this", "module.logs.aws_s3_bucket.this")


def line(
    resource: str = BUCKET.written, expires: str = "2027-01-01", check: str = "CKV_AWS_1"
) -> Skip:
    return Skip(check, resource, REASON, datetime.date.fromisoformat(expires))


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        ("2026-11-30", "expired on 2026-11-30"),
        ("2026-12-01", ""),
        ("2027-12-02", ""),
        ("2027-12-03", "2027-12-03 is more than a year away"),
    ],
)
def test_a_line_holds_until_its_day_and_for_a_year_at_most(expires: str, said: str) -> None:
    wrong = skips.judge([BUCKET], [BUCKET], [line(expires=expires)], TODAY)
    assert wrong == ([] if not said else sorted([
        f"CKV_AWS_1 bucket/aws_s3_bucket.this: {said}",
        f"{BUCKET}: failed in the files", f"{BUCKET}: failed in the plan",
    ]))  # fmt: skip


@pytest.mark.parametrize("found", [BUCKET.check, "CKV_AWS_10"])
def test_a_line_speaks_of_one_check_and_one_resource(found: str) -> None:
    others = [Finding(found, "serving/aws_s3_bucket.this", BUCKET.address),
              Finding("CKV_AWS_10", BUCKET.written, BUCKET.address)]  # fmt: skip
    for other in others:
        wrong = skips.judge([BUCKET, other], [], [line()], TODAY)
        assert wrong == [f"{other}: failed in the files"]


def test_a_line_that_skips_nothing_is_named() -> None:
    idle = "nothing is skipped by it"
    assert skips.judge([], [], [line()], TODAY) == [f"CKV_AWS_1 {BUCKET.written}: {idle}"]
    # A comment stands in the files, so it must be needed there.
    assert skips.judge([], [BUCKET], [line()], TODAY) == [f"CKV_AWS_1 {BUCKET.written}: {idle}"]
    address = line(LOGS.address)
    assert skips.judge([], [], [address], TODAY) == [f"CKV_AWS_1 {LOGS.address}: {idle}"]


def test_an_address_covers_one_of_several_that_share_their_text_and_only_in_a_plan() -> None:
    address = line(LOGS.address)
    assert skips.judge([], [LOGS], [address], TODAY) == []
    assert skips.judge([], [LOGS, BUCKET], [address], TODAY) == [f"{BUCKET}: failed in the plan"]
    assert skips.judge([LOGS], [LOGS], [address], TODAY) == [f"{LOGS}: failed in the files"]


GOOD = f"- {{id: CKV_AWS_1, resource: bucket/aws_s3_bucket.this, reason: {REASON!r}, expires: 2027-01-01}}\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("bucket/aws_s3_bucket.this", '"bucket/*"', "not one resource by name"),
        ("bucket/aws_s3_bucket.this", '"*"', "not one resource by name"),
        ("CKV_AWS_1,", '"CKV_*",', "no check of checkov"),
        ("CKV_AWS_1,", "LOW,", "no check of checkov"),
        (repr(REASON), "Because.", "does not say why"),
        ("2027-01-01", "never", "expires is no date"),
        (", expires: 2027-01-01", "", "its fields are not"),
        ("}\n", ", also: CKV_AWS_2}\n", "its fields are not"),
        ("- {", "{", "refused"),
        ("}\n", "\n", "cannot be read"),
        ("}\n", "}\n" + GOOD, "twice"),
    ],
)
def test_a_line_that_is_not_whole_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / skips.FILE
    path.write_text(GOOD)
    assert [skip.check for skip in skips.read(path)] == ["CKV_AWS_1"]
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(BadInput, match=said):
        skips.read(path)


TEXT = """\
resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_bucket" "other" {
  # checkov:skip=CKV_AWS_9:Written by hand.
  bucket = var.name
}
"""


def test_a_line_is_repeated_in_its_resource_and_nothing_else_of_that_form_stays() -> None:
    text = skips.inscribed(TEXT, "bucket", [line()])
    assert text == TEXT.replace(
        "  bucket = var.name\n}\n\n",
        f"  bucket = var.name\n  # checkov:skip=CKV_AWS_1:{REASON} Until 2027-01-01.\n}}\n\n",
    ).replace("  # checkov:skip=CKV_AWS_9:Written by hand.\n", "")
    assert skips.inscribed(text, "bucket", [line()]) == text
    assert "checkov" not in skips.inscribed(text, "bucket", [])
    assert "checkov" not in skips.inscribed(text, "storage", [line()])


def test_the_modules_repeat_the_list_as_it_is_now(repository: Path) -> None:
    found = skips.read(repository / "infra" / "project" / skips.FILE)
    behind = [path for path, _ in skips.behind(repository / "infra", found)]
    assert behind == [], "run `nox -s docs -- --write`"
    assert skips.lost(repository / "infra", found) == []
