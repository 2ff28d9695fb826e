"""What a fact runs, it reads: else a sabotage of that code would be judged on a fact of before.

A fact on disk is computed again only when its globs, or those of what it needs, match a change.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from redoubt.proof import facts

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("controls")]
BASE = "platform/src/redoubt"
PURE = "whoever reads the fact computes the same again from what it keeps, and a difference shows"
ASKED = "rooms ask it again, with the code that they judge, about a copy of what the fact keeps"
ANEW = "rooms do it again on a copy: they register, judge, approve, promote and state anew"
SERVED = "rooms start the service of the fact `launch` on a copy; this one only answers the gate"
# To read one of these would compute facts again for dozens of sabotages, and a sabotage that stops
# the fact itself is an error, never a red test.
EXCEPTIONS: dict[str, dict[str, str]] = {
    "*": {
        "proof/*": "it computes facts; a fact that it computed otherwise has another key",
        "progress.py": "it tells how far something is, and keeps nothing",
        "clock.py": ASKED,
        "chain.py": ASKED,
        "identity.py": ASKED,
        "formats.py": ASKED,
        "run_record.py": ASKED,
        "limits.py": PURE,
        "project.py": PURE,
        "governance/tiering.py": PURE,
        "runstore.py": "TRN-01, SUP-05 and GATE-01 ask MLflow through it again",
    },
    "released": {
        "admission.py": ASKED,
        "gates/*": ANEW,
        "modelsign.py": ANEW,
        "provenance.py": ANEW,
        "release/*": ANEW,
        "serving/*": SERVED,
    },
    "decided": {"modelsign.py": ASKED, "provenance.py": ASKED},
}  # fmt: skip


def covered(store: facts.Store, name: str) -> set[Path]:
    """Return the files that make a fact to be computed again: its own and those of its needs."""
    if name not in store.facts:
        return set()
    fact = store.facts[name]
    own = {path for glob in fact.reads for path in facts.matched(store.root, glob)}
    return own.union(*(covered(store, need) for need in fact.needs))


def excepted(fact: str, module: str) -> set[tuple[str, str]]:
    """Return the entries of ``EXCEPTIONS`` that speak of a module of a fact."""
    return {
        (name, glob) for name in ("*", fact) for glob in EXCEPTIONS.get(name, {})
        if fnmatchcase(module, glob)
    }  # fmt: skip


def unread(project: Path, used: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return (fact, module) of what a fact runs and does not read."""
    store = facts.Store(project, facts.declared(project / "controls" / "facts"))
    return [
        (name, module)
        for name, modules in used.items()
        for module in modules
        if project / BASE / module not in covered(store, name)
    ]


def test_every_fact_on_disk_reads_what_it_runs(project: Path, used: dict[str, list[str]]) -> None:
    assert {"workbench", "snapshot", "trained", "released", "decided", "said"} <= used.keys()
    assert all(used.values())
    assert [pair for pair in unread(project, used) if not excepted(*pair)] == []


def test_no_exception_outlives_its_reason(project: Path, used: dict[str, list[str]]) -> None:
    found = {entry for pair in unread(project, used) for entry in excepted(*pair)}
    listed = {(name, glob) for name, globs in EXCEPTIONS.items() for glob in globs}
    assert listed - found == set()


def test_a_glob_that_is_taken_away_is_missed(project: Path, used: dict[str, list[str]]) -> None:
    store = facts.Store(project, facts.declared(project / "controls" / "facts"))
    kept = project / BASE / "training" / "train.py"
    assert kept in covered(store, "trained")
    assert kept not in covered(store, "snapshot")
    assert not excepted("trained", "training/train.py")
    assert "training/train.py" in used["trained"]
