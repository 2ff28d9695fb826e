"""`redoubt waive` on the command line: from the request to the day that somebody edits it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from redoubt import cli, clock
from redoubt.proof import register, waivers
from redoubt.release import issuer
from redoubt.settings import Settings

Redoubt = Callable[..., SimpleNamespace]
LOCK = '{"files": {}, "controls": {}, "closed": [], "open": [], "release": "0"}'
WAIVER = """\
waivers:
  - id: RISK-1
    requirement: GATE-01.1
    scope: project
    justification: The new floor comes with the release of spring.
    compensating: {compensating}
    requester: ada
    expires: {expires:%Y-%m-%d}
"""


@pytest.fixture
def redoubt(
    tiny: Path, room: Callable[..., Path], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Redoubt:  # fmt: skip
    """Return ``redoubt(*words, by="", **claims)``: run a command in the tiny project as somebody."""
    register.write(tiny)
    (tiny / "controls" / "lock.json").write_text(LOCK)
    monkeypatch.chdir(tiny)

    def run(*words: str, by: str = "", **claims: object) -> SimpleNamespace:
        monkeypatch.setattr("sys.argv", ["redoubt", *words])
        token = issuer.mint(Settings(root=tiny), by, **claims) if by else ""
        monkeypatch.setenv("REDOUBT_TOKEN", token)
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return SimpleNamespace(code=code, text=said.out + said.err)

    return run


@pytest.fixture
def ask(tiny: Path) -> Callable[..., None]:
    """Return ``ask(compensating=…)``: write the waiver that Ada asks for."""

    def write(compensating: str = "A person looks at each low value by hand.") -> None:
        expires = clock.now() + timedelta(days=30)
        text = WAIVER.format(compensating=compensating, expires=expires)
        (tiny / waivers.FILE).write_text(text)

    return write


@pytest.fixture
def broken(tiny: Path, redoubt: Redoubt) -> None:
    """Let the control of the tiny project fail, on a machine that has its keys."""
    limit = tiny / "src" / "tiny" / "limit.py"
    limit.write_text(limit.read_text().replace("value >= FLOOR", "value >= 0"))
    assert redoubt("keys").code == 0


@pytest.mark.usefixtures("broken")
def test_a_waiver_acts_once_another_person_who_may_approved_it(
    redoubt: Redoubt, ask: Callable[..., None]
) -> None:
    ask()
    before = redoubt("verify", "GATE-01")
    assert before.code == 1
    assert "Waiver RISK-1 does not act: nobody approved it" in before.text
    granted = redoubt("waive", "RISK-1", by="zoe", roles=["validator"])
    assert (granted.code, "zoe approved RISK-1: sha256:" in granted.text) == (0, True)
    after = redoubt("verify", "GATE-01")
    assert (after.code, "waived 1" in after.text) == (0, True), after.text
    assert "waived until" in after.text
    assert "by zoe; A person looks at each low value by hand." in after.text


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("name", "by", "code", "why"),
    [
        ("RISK-1", "ada", 1, "Waiver RISK-1 is not approved: ada asked for it."),
        ("RISK-1", " ADA", 1, "asked for it."),
        ("RISK-1", "mira", 1, "may not waive"),
        ("RISK-1", "", 3, "Nobody is signed in"),
        ("RISK-2", "ada", 2, "has 0 waivers 'RISK-2'"),
    ],
)
def test_a_waiver_is_refused_to_its_requester_and_to_whoever_may_not(
    redoubt: Redoubt, ask: Callable[..., None], name: str, by: str, code: int, why: str
) -> None:
    ask()
    roles = {"roles": ["approver"]} if by == " ADA" else {}
    refused = redoubt("waive", name, by=by, **roles)
    assert (refused.code, why in refused.text) == (code, True), refused.text
    assert redoubt("verify", "GATE-01").code == 1


@pytest.mark.usefixtures("broken")
def test_an_edit_after_the_approval_denies_the_waiver(
    redoubt: Redoubt, ask: Callable[..., None]
) -> None:
    ask()
    assert redoubt("waive", "RISK-1", by="zoe", roles=["validator"]).code == 0
    assert redoubt("verify", "GATE-01").code == 0
    ask(compensating="Somebody may look at it some day, or not at all.")
    edited = redoubt("verify", "GATE-01")
    assert (edited.code, "waived 0" in edited.text) == (1, True), edited.text
    assert "nobody approved it (with exactly this content)" in edited.text
