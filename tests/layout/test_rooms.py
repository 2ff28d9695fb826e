"""A room stays readable in one sitting: short tests, little set-up, a short verification and policy.

A claim is never dropped for a number of lines. So a sabotage, one line each, does not count; and a
verification over ninety lines stands in ``LONGER`` with what it could not leave out, and none of
these grows over ``LONGEST``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from redoubt.proof import rooms

POLICY, VERIFICATION, LONGEST, SET_UP, TEST = 60, 90, 180, 25, 20
LONGER = {
    "DAT-01": "a file is attacked as a whole, by column, by row, by source and by receipt",
    "DEV-07": "lock, release, update, audit, history and register are each edited",
    "GATE-01": "every input of a promotion is removed, spoilt, aged and lent, and every room says no",
    "GATE-02": "measures, bounds, two rivals, splits and grades are each held to their definition",
    "GATE-09": "graph, code, golden set, service, contract, load and successor are each changed",
    "GATE-10": "each way in which a waiver is denied has its own words",
    "GOV-01": "every combination of facts, every override, and every limit in the tier that follows",
    "IAM-02": "five steps, four kinds of record and every toxic pair are tried by who must not",
    "MON-01": "every way out of the service is searched for what may not leave it",
    "MON-02": "trail, objects, flows, lock, floors, boundary, roles and buckets are each read",
    "NET-04": "balancers, gateway, database, buckets, tasks, nodes and clients each end TLS their own way",
    "NET-05": "gateway, methods, stage, firewall, balancer and every other door are each opened",
    "NET-06": "accounts, trust, copies, images, ranges, names and mentions are read in three plans",
    "SRV-01": "routes, tokens, keys, scopes, transport and clients that hold back are each attacked",
    "SRV-03": "properties of the contract, and the outcomes of a row in three tiers",
    "SRV-06": "each evidence that is missing stops the start by its own name",
    "SRV-08": "content, chain, checkpoint, replay, power cut and full disk",
    "SUP-04": "each part of signature and statement is exchanged",
    "SUP-05": "a file is judged by name, content, graph and size, at each door it may come in by",
    "TRN-01": "every field of a run record is left out in turn",
}
ROOMS = {room.id: room for room in rooms.read(Path(__file__).resolve().parents[2])}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the name of each function at the top of a file, and its lines without decorators."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def set_up(path: Path) -> int:
    """Return how many lines of a file are neither tests nor blank nor a decorator."""
    text = path.read_text()
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("@")]
    return len(lines) - sum(
        len([line for line in ast.get_source_segment(text, node).splitlines() if line.strip()])  # type: ignore[union-attr]
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize("name", ROOMS)
def test_a_policy_is_short_but_for_its_sabotages(name: str) -> None:
    text = (ROOMS[name].folder / "control.yml").read_text().splitlines()
    assert len([line for line in text if not line.lstrip().startswith("- {name: ")]) <= POLICY


@pytest.mark.parametrize("name", ROOMS)
def test_a_verification_is_short_or_says_what_it_could_not_leave_out(name: str) -> None:
    length = len(ROOMS[name].verify.read_text().splitlines())
    assert (length > VERIFICATION) is (name in LONGER), length
    assert length <= LONGEST, "move what it sets up into a fact of controls/facts"


@pytest.mark.parametrize("name", ROOMS)
def test_a_test_of_a_room_is_short_and_its_set_up_is_a_facts(name: str) -> None:
    tests = [(one, n) for one, n in functions(ROOMS[name].verify) if one.startswith("test_")]
    assert tests
    assert [one for one, length in tests if length > TEST] == []
    assert set_up(ROOMS[name].verify) <= SET_UP
