"""What the catalogue says of a model before it is decided on: whom it asks, and what denies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt import digests, project
from redoubt.admission import Case
from redoubt.errors import BadInput, Refused
from redoubt.proof import candidate, register
from redoubt.records import ControlResult
from redoubt.settings import Settings

Room = Callable[..., Path]
Ask = Callable[..., ControlResult]
MODEL = digests.digest(b"a model")
HEAD = "import os\nimport time\n\nfrom redoubt.proof import NotEvaluated, proves\n"
TEST = '\n\n@proves("GATE-01.{number}")\ndef test_{number}():\n    {body}\n'
UNKNOWN = "raise NotEvaluated('nobody knows', remedy='look')"


@pytest.fixture
def ask(tiny: Path, room: Room, quiet: dict[str, Any]) -> Ask:
    """Return ``ask(*bodies, claims={}, **control)``: one requirement a body; what they say."""

    def run(*bodies: str, claims: dict[str, Any] | None = None, **control: Any) -> ControlResult:
        tests = [TEST.format(number=n, body=body) for n, body in enumerate(bodies, 1) if body]
        items = [{"id": f"GATE-01.{n}", "claim": "It is good.", "subject": "model",
                  "breaks": [quiet]} for n in range(1, len(bodies) + 1)]  # fmt: skip
        items[-1] |= claims or {}
        room(HEAD + "".join(tests), requirements=items, **control)
        lock = '{"files": {}, "controls": {}, "closed": [], "open": []}'
        (tiny / "controls" / "lock.json").write_text(lock)
        register.write(tiny)
        settings = Settings(root=tiny)
        return candidate.ask(Case(settings, project.load(tiny), MODEL))

    return run


def test_the_digest_that_is_decided_reaches_the_rooms_and_the_answer_is_the_same_again(
    ask: Ask,
) -> None:
    said = ask(f"assert os.environ['REDOUBT_PROOF_MODEL'] == {MODEL!r}")
    assert (said.model, said.results, said.denials) == (MODEL, {"GATE-01.1": "pass"}, ())
    assert said.catalogue
    assert ask(f"assert os.environ['REDOUBT_PROOF_MODEL'] == {MODEL!r}").digest == said.digest


@pytest.mark.parametrize(
    "claims", [{"subject": "machinery"}, {"subject": "project"}, {"decided": True}]
)
def test_what_speaks_of_no_candidate_is_not_asked(ask: Ask, claims: dict[str, Any]) -> None:
    said = ask("assert True", "assert False", claims=claims)
    assert (said.results, said.denials) == ({"GATE-01.1": "pass"}, ())


@pytest.mark.parametrize(
    ("body", "result", "why"),
    [
        ("assert 1 == 2", "fail", "assert 1 == 2"),
        ("1 / 0", "fail", "could not be judged"),
        ("os._exit(0)", "fail", "it was not collected"),
        ("time.sleep(60)", "fail", "time-out after 3 s"),
        (UNKNOWN, "not-evaluated", "nobody knows"),
    ],
)
def test_what_is_no_yes_denies_with_its_reason(ask: Ask, body: str, result: str, why: str) -> None:
    said = ask(body, seconds=3 if "sleep" in body else 60)
    assert said.results == {"GATE-01.1": result}
    (denial,) = said.denials
    assert denial.startswith(f"GATE-01.1: {result}: ")
    assert why in denial


@pytest.mark.parametrize("body", ["assert False", UNKNOWN])
@pytest.mark.parametrize("level", ["report", "blocking"])
def test_a_room_that_only_reports_in_this_tier_denies_nothing(
    ask: Ask, body: str, level: str
) -> None:
    said = ask(body, tiers={1: level, 2: "blocking", 3: "blocking"})
    assert said.results["GATE-01.1"] != "pass"
    assert len(said.denials) == (level == "blocking")


@pytest.mark.parametrize("planned", [True, False])
def test_only_what_is_planned_for_later_may_stay_unknown(ask: Ask, planned: bool) -> None:
    claims: dict[str, Any] = {
        "breaks": [], "result": "not-evaluated", "why": "no builder", "remedy": "wait",
    }  # fmt: skip
    claims |= {"planned": {"part": 4, "component": "hosted builder"}} if planned else {}
    said = ask("assert True", "", claims=claims)
    assert said.results == {"GATE-01.1": "pass", "GATE-01.2": "not-evaluated"}
    assert said.denials == (() if planned else ("GATE-01.2: not-evaluated: no builder",))


def test_an_edited_file_denies_although_every_room_says_yes(ask: Ask, tiny: Path) -> None:
    assert ask("assert True").denials == ()
    lock = tiny / "controls" / "lock.json"
    lock.write_text(lock.read_text().replace("{}", '{"project.yml": "sha256:0"}', 1))
    settings = Settings(root=tiny)
    said = candidate.ask(Case(settings, project.load(tiny), MODEL))
    assert said.denials == ("lock: project.yml was edited.",)


def test_a_catalogue_that_asks_nothing_or_cannot_be_read_is_no_answer(ask: Ask, tiny: Path) -> None:
    with pytest.raises(Refused, match="No room speaks of a model"):
        ask("assert True", claims={"decided": True})
    (tiny / "controls" / "families.yml").unlink()
    with pytest.raises(BadInput, match=r"families\.yml cannot be read"):
        ask("assert True")
