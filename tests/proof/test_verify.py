"""What a verification reports, its exit codes, its evidence and its page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from redoubt import chain, signing
from redoubt.errors import Refused, Unavailable
from redoubt.proof import evidence, export, results, sessions, text, workers
from redoubt.proof.results import Report
from redoubt.settings import Settings

Room = Callable[..., Path]
Judge = Callable[..., Report]
Requirement = Callable[..., list[dict[str, Any]]]
VERIFY = """\
from redoubt.proof import proves


@proves("GATE-01.1")
def test_it(root):
    assert root.is_dir()
"""
BREAK = {
    "name": "it breaks",
    "quiet": True,
    "kind": "replace",
    "path": "a",
    "find": "b",
    "with": "c",
}
UNKNOWN = """\
from redoubt.proof import NotEvaluated, proves


@proves("GATE-01.1")
def test_unknown():
    raise NotEvaluated("the store cannot be seen from here", remedy="run it in the pipeline")
"""
ERROR = """\
from redoubt.proof import proves
import pytest


@pytest.fixture
def broken():
    raise OSError("no disk")


@proves("GATE-01.1")
def test_it(broken):
    assert True
"""
SKIPS = """\
import pytest
from redoubt.proof import proves


@proves("GATE-01.1")
def test_it():
    pytest.skip("not today")
"""


def test_a_green_room_passes(judge: Judge, room: Room) -> None:
    report = judge()
    assert [(item.requirement.id, item.result) for item in report.judged] == [("GATE-01.1", "pass")]
    assert report.findings == ()
    assert report.exit_code(strict=True) == 0


@pytest.mark.parametrize("verify", [ERROR, SKIPS, "import nowhere\n" + UNKNOWN])
def test_what_cannot_be_judged_fails(judge: Judge, room: Room, verify: str) -> None:
    room(verify)
    report = judge()
    assert report.judged[0].result == "fail"
    assert "could not be judged" in report.judged[0].why
    assert report.exit_code(strict=False) == 1


def test_a_verification_says_at_once_how_many_rooms_and_which_starts(
    judge: Judge, room: Room
) -> None:
    said: list[str] = []
    judge(say=said.append)
    assert said[0].startswith("1 rooms, ")
    assert said[1] == "GATE-01  starts"
    assert said[2].startswith("GATE-01  1/1 tests")


def test_a_room_that_takes_long_is_told_of_with_what_will_stop_it(
    judge: Judge, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 0.5)
    room(VERIFY.replace("assert", "__import__('time').sleep(60)\n    assert"), seconds=2)
    said: list[str] = []
    assert judge(say=said.append).judged[0].result == "fail"
    told = [line for line in said if "is stopped, which counts as a failure" in line]
    assert 2 <= len(told) <= 4
    assert told[0].endswith("s; after 2 s it is stopped, which counts as a failure")


@pytest.mark.parametrize(
    ("verify", "remedy"),
    [(VERIFY.replace("is_dir()", "is_file()"), "Restore it."), (ERROR, results.REPAIR),
     ("import nowhere\n" + UNKNOWN, results.REPAIR), (UNKNOWN, "run it in the pipeline")],
)  # fmt: skip
def test_the_remedy_of_a_check_that_did_not_run_is_to_repair_what_it_needs(
    judge: Judge, room: Room, verify: str, remedy: str
) -> None:
    room(verify)
    assert judge().judged[0].remedy == remedy


def test_a_requirement_may_have_a_remedy_of_its_own(
    judge: Judge, room: Room, requirement: Requirement
) -> None:
    room(
        VERIFY.replace("is_dir()", "is_file()"), requirements=requirement(BREAK, remedy="Judge it.")
    )
    assert judge().judged[0].remedy == "Judge it."


def test_a_partial_run_says_so(
    judge: Judge, room: Room, tiny: Path, requirement: Requirement
) -> None:
    room(VERIFY.replace("GATE-01", "GATE-02"), folder="GATE-02-another", id="GATE-02",
         requirements=requirement(BREAK, id="GATE-02.1"))  # fmt: skip
    assert judge().partial == ""
    partly = judge(only=("GATE-02",))
    assert partly.partial == "Only 1 of the 2 controls were asked for."
    assert partly.partial in list(text.lines(partly))


def test_the_text_of_a_failure_names_requirement_claim_and_remedy(
    judge: Judge, room: Room, tiny: Path
) -> None:
    (tiny / "src" / "tiny" / "limit.py").write_text("def allowed(value):\n    return True\n")
    shown = "\n".join(text.lines(judge()))
    assert shown.startswith("not-evaluated 0 (of them planned 0)  external 0  waived 0  |  pass 0")
    for part in (
        "FAIL",
        "GATE-01.1 A low value is denied.",
        "remedy: Restore it.",
        "assert not True",
    ):
        assert part in shown


@pytest.mark.parametrize(
    ("subject", "planned", "tiers", "code", "with_model"),
    [
        ("machinery", None, "blocking", 3, 3),
        ("project", None, "blocking", 3, 3),
        ("model", None, "blocking", 0, 3),
        ("outside", None, "blocking", 0, 0),
        ("machinery", {"part": 4, "component": "hosted builder"}, "blocking", 0, 0),
        ("machinery", None, "report", 0, 0),
    ],
)
def test_strict_exits_3_on_what_is_not_evaluated(
    judge: Judge, room: Room, requirement: Requirement, subject: str, planned: Any, tiers: str,
    code: int, with_model: int,
) -> None:  # fmt: skip
    declared = {"result": "not-evaluated", "why": "no builder", "remedy": "attach it"}
    room("", requirements=requirement(**declared, subject=subject, planned=planned),
         tiers={1: tiers, 2: tiers, 3: tiers})  # fmt: skip
    report = judge()
    assert report.exit_code(strict=False) == 0
    assert report.exit_code(strict=True) == code
    assert report.exit_code(strict=True, subjects=results.STRICT_MODEL) == with_model
    assert report.counts()["planned"] == (1 if planned else 0)


def test_not_evaluated_by_a_test_carries_its_reason(judge: Judge, room: Room) -> None:
    room(UNKNOWN)
    item = judge().judged[0]
    assert (item.result, item.why, item.remedy) == (
        "not-evaluated", "the store cannot be seen from here", "run it in the pipeline",
    )  # fmt: skip


def test_a_failure_that_the_tier_only_reports_does_not_stop(
    judge: Judge, room: Room, tiny: Path
) -> None:
    (tiny / "src" / "tiny" / "limit.py").write_text("def allowed(value):\n    return True\n")
    room(tiers={1: "report", 2: "report", 3: "off"})
    assert judge().judged[0].result == "fail"
    assert judge().exit_code(strict=True) == 0
    room(tiers={1: "off", 2: "report", 3: "off"})
    assert (judge().judged[0].result, judge().counts()["off"]) == ("off", 1)


def test_settings_of_the_caller_reach_own_and_nothing_else(
    judge: Judge, room: Room, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDOUBT_AUDIENCE", "elsewhere")
    room(
        "from redoubt.proof import proves\nfrom redoubt.settings import Settings\n\n\n"
        '@proves("GATE-01.1")\ndef test_settings(own):\n'
        '    assert own.audience == "elsewhere"\n    assert Settings().audience == "redoubt"\n'
    )
    assert judge().judged[0].result == "pass"


def _verified(root: Path, **options: Any) -> tuple[Report, int, evidence.Occasion]:
    return sessions.verified(Settings(root=root), (), lambda line: None, **options)


def test_evidence_is_chained_complete_and_kept(judge: Judge, room: Room, tiny: Path) -> None:
    judge()
    first, second = _verified(tiny)[2], _verified(tiny)[2]
    assert first.folder != second.folder
    records = [line for _, _, line in chain.read(first.folder / evidence.RECORDS)]
    assert records[0]["polarity"] == "positive"
    for name in ("command", "session", "exit_code", "tools", "emulator", "subject", "at", "collector",
                 "observed", "expected", "log", "log_digest", "limits"):  # fmt: skip
        assert name in records[0]
    settings = Settings(root=tiny)
    history = evidence.history(settings)
    assert [run["run"] for run in history] == [first.folder.name, second.folder.name]
    assert not history[0]["signed"]
    assert evidence.check(settings, history[0]) == first.folder
    (first.folder / "logs" / "GATE-01.log").write_text("1 passed")
    with pytest.raises(Refused, match=r"GATE-01\.log is missing, changed"):
        evidence.check(settings, history[0])


def test_an_evidence_key_signs_and_the_archive_is_whole_or_nothing(
    judge: Judge, room: Room, tiny: Path
) -> None:
    judge()
    settings = Settings(root=tiny)
    with pytest.raises(Unavailable, match="no run in that period"):
        export.export(settings, tiny / "var" / "a.zip", None)
    signing.create_development_keys(settings.keys, settings.anchors)
    occasion = _verified(tiny)[2]
    assert evidence.history(settings)[0]["signed"]
    assert export.export(settings, tiny / "var" / "a.zip", None).is_file()
    (occasion.folder / "logs" / "GATE-01.log").unlink()
    with pytest.raises(Refused):
        export.export(settings, tiny / "var" / "b.zip", None)
    assert not (tiny / "var" / "b.zip").exists()


def test_a_control_that_disappears_is_missed(
    judge: Judge, room: Room, tiny: Path, requirement: Requirement
) -> None:
    judge()
    _verified(tiny)
    assert judge().findings == ()
    shutil.rmtree(tiny / "controls" / "GATE-01-a-floor")
    room(VERIFY.replace("GATE-01", "GATE-02"), folder="GATE-02-a-floor", id="GATE-02",
         requirements=requirement(BREAK, id="GATE-02.1"))  # fmt: skip
    found = [item.message for item in judge().findings]
    assert len(found) == 1
    assert found[0].startswith("GATE-01 was judged here on")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [str(v) for k, v in attrs if k in ("src", "href", "action", "srcset")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_package_that_was_renamed_in_the_answers_is_named(
    judge: Judge, room: Room, tiny: Path
) -> None:
    room(VERIFY)
    assert judge().findings == ()
    (tiny / "src" / "tiny").rename(tiny / "src" / "other")
    report = judge()
    assert [item.message for item in report.findings] == [
        "project.yml names the package tiny; src holds other."
    ]
    assert report.exit_code(strict=False) == 1


def test_the_page_stands_alone_and_says_first_what_is_not_known(
    judge: Judge, room: Room, tiny: Path, requirement: Requirement
) -> None:
    judge()
    evil = "<script>alert(1)</script> A low value is denied."
    room(requirements=[*requirement(claim=evil, breaks=[]), {
        "id": "GATE-01.2", "claim": "The builder is hosted.", "subject": "outside",
        "result": "external", "why": "It is elsewhere.", "remedy": "Attach its statement."}])  # fmt: skip
    occasion = _verified(tiny)[2]
    source = (occasion.folder / evidence.PAGE).read_text()
    page = _Page()
    page.feed(source)
    assert all(link.startswith("#") for link in page.links)
    assert not {"link", "img", "iframe"} & set(page.tags)
    assert "@import" not in source
    assert "url(" not in source
    assert page.tags.count("script") == 1
    shown = " ".join(page.words)
    order = [shown.index(meaning) for meaning in (
        "nobody knows", "evidence from elsewhere is to be attached", "accepted for a time",
        "the control does not hold")]  # fmt: skip
    assert order == sorted(order)
    for part in ("machinery", "Last proven both ways", "never", "What this does not show", "It is tiny.",
                 "When something is red", "Attach its statement.", "alert(1)"):  # fmt: skip
        assert part in shown
    assert "compliant" not in source.lower()
    assert json.loads((occasion.folder / evidence.OPEN).read_text())["open"]
