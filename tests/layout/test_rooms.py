"""A room stays readable in one sitting: short tests, a short verification, a short policy.

A claim is never dropped for a number of lines. So a sabotage, one line each, does not count; and a
verification that cannot be shorter without that stands in ``LONGER``, with why, as long as it is.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from redoubt.proof import rooms

POLICY, VERIFICATION, TEST = 60, 90, 20
SLACK = 5  # an exception that shrank by more is brought down with the file
LONGER = {
    "DAT-01": (94, "ten attacks on a file: unlisted, unsigned, torn, bad by row, bad as a whole"),
    "DEV-07": (109, "thirteen tests: lock, release, update, audit, history and register"),
    "GATE-01": (130, "sixteen tests: every input of a promotion is removed, spoilt, aged and lent"),
    "GATE-02": (106, "eleven tests: measures, bounds, two rivals, splits, grades and floors"),
    "GATE-09": (91, "eleven tests: graph, code, golden set, service, contract and load"),
    "GATE-10": (112, "eleven tests: each way in which a waiver is denied has its own words"),
    "IAM-02": (118, "twelve tests: five steps, four kinds of record, five people of one release"),
    "MON-01": (93, "five tests over every output of the service, fuzzed"),
    "SRV-01": (95, "twelve tests: routes, tokens, probes, scopes, transport and slow clients"),
    "SRV-03": (105, "ten tests: properties of the contract and outcomes of three tiers"),
    "SRV-06": (106, "thirteen tests: each evidence that is missing stops the start by its name"),
    "SRV-08": (100, "ten tests: content, chain, checkpoint, replay, power cut and full disk"),
    "SUP-04": (95, "eight tests: signature and provenance, each part of the statement exchanged"),
    "TRN-01": (99, "seven tests: every field of a run record is left out in turn"),
}
ROOMS = {room.id: room for room in rooms.read(Path(__file__).resolve().parents[2])}


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


@pytest.mark.parametrize("name", ROOMS)
def test_a_policy_is_short_but_for_its_sabotages(name: str) -> None:
    text = lines(ROOMS[name].folder / "control.yml")
    said = [line for line in text if not line.lstrip().startswith("- {name: ")]
    assert len(said) <= POLICY


@pytest.mark.parametrize("name", ROOMS)
def test_a_verification_is_short_or_says_why_not(name: str) -> None:
    most, why = LONGER.get(name, (VERIFICATION, ""))
    assert len(lines(ROOMS[name].verify)) <= most, why


@pytest.mark.parametrize("name", LONGER)
def test_no_exception_is_wider_than_its_file(name: str) -> None:
    most, why = LONGER[name]
    assert VERIFICATION < most <= len(lines(ROOMS[name].verify)) + SLACK
    assert why


@pytest.mark.parametrize("name", ROOMS)
def test_a_test_of_a_room_is_short(name: str) -> None:
    for node in ast.walk(ast.parse(ROOMS[name].verify.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < TEST, node.name
