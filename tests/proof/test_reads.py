"""What a fact opens, it reads: else an edit of that file would be judged on a fact of before.

A fact on disk is computed again only when its globs, or those of what it needs, match a change; a
fact in memory is computed in every run, so its globs decide only with the facts on disk that need it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from redoubt.proof import facts, rooms

BASE = "platform/src/redoubt/"
AGAIN = "rooms ask it again, with the code that they judge, about a copy of what the fact keeps"
PURE = "rooms compute the same again, with the code that they judge, from what the fact keeps"
ANEW = "rooms do it again on a copy: they register, judge, approve, promote and state anew"
SERVED = "rooms start the service of the fact `launch` on a copy; this one only answers the gate"
# To read one of these would compute facts again for dozens of sabotages, and a sabotage that stops
# the fact itself is an error, never a red test. So each is broken by a room that uses the fact: the
# sabotage must turn red on the fact of before, or the catalogue is not proven.
EXCEPTIONS: dict[str, dict[str, str]] = {
    "*": {
        "chain.py": AGAIN,
        "clock.py": AGAIN,
        "formats.py": AGAIN,
        "identity.py": AGAIN,
        "limits.py": PURE,
        "policy/development.yml": AGAIN,
        "policy/roles.yml": AGAIN,
        "run_record.py": AGAIN,
        "runstore.py": AGAIN,
    },
    "released": {
        "admission.py": AGAIN,
        "gates/*": ANEW,
        "modelsign.py": ANEW,
        "provenance.py": ANEW,
        "release/*": ANEW,
        "serving/*": SERVED,
    },
}
OPENING = """\
import os, subprocess, sys
from pathlib import Path

from redoubt.proof import fact
from tiny import here


@fact(reads=["platform/src/redoubt/**", "src/tiny/__init__.py"])
def opening(work: Path) -> None:
    from tiny import late

    (Path(here.__file__).parent / "data.yml").read_text()
    subprocess.run([sys.executable, "-c", "from tiny import child"], check=True)
    if (pid := os.fork()) == 0:
        from tiny import forked

        os._exit(0)
    os.waitpid(pid, 0)
"""
Opened = dict[str, set[Path]]


def covered(store: facts.Store, name: str) -> set[Path]:
    """Return the files that make a fact to be computed again: its own and those of its needs."""
    if name not in store.facts:
        return set()
    fact = store.facts[name]
    own = {
        path for glob in (*fact.reads, *facts.ALWAYS) for path in facts.matched(store.root, glob)
    }
    return own.union({fact.source}, *(covered(store, need) for need in fact.needs))


def unread(root: Path, opened: Opened) -> list[tuple[str, str]]:
    """Return (fact, file) of what a fact opens and does not read, from the package or the root."""
    store = facts.Store(root, facts.declared(root / "controls" / "facts"))
    return [
        (name, path.relative_to(root).as_posix().removeprefix(BASE))
        for name, paths in opened.items()
        for path in sorted(paths - covered(store, name))
    ]


def excepted(fact: str, file: str) -> set[tuple[str, str]]:
    """Return the entries of ``EXCEPTIONS`` that speak of a file that a fact opens."""
    return {
        (name, glob) for name in ("*", fact) for glob in EXCEPTIONS.get(name, {})
        if fnmatchcase(file, glob)
    }  # fmt: skip


def needed(store: facts.Store, name: str) -> set[str]:
    """Return a fact and all that it needs; nothing for a fixture that is no fact.

    For a project's own release the reference one stands in while rooms are proven.
    """
    name = "released" if name == "own" else name
    if name not in store.facts:
        return set()
    return {name}.union(*(needed(store, need) for need in store.facts[name].needs))


def broken(root: Path) -> set[tuple[str, str]]:
    """Return (fact, file) where a room breaks the file and the tests that must notice use the fact."""
    store, found = facts.Store(root, facts.declared(root / "controls" / "facts")), set()
    for room in rooms.read(root):
        functions = [node for node in ast.parse(room.verify.read_text()).body
                     if isinstance(node, ast.FunctionDef)]  # fmt: skip
        asks = {node.name: [item.arg for item in node.args.args] for node in functions}
        for requirement in room.control.requirements:
            names = {name for test in room.tests_of(requirement.id) for name in asks[test]}
            used = set().union(*(needed(store, name) for name in names))
            files = {item.path for item in requirement.breaks if not isinstance(item, rooms.Answer)}
            found |= {(fact, file.removeprefix(BASE)) for fact in used for file in files}
    return found


@pytest.mark.slow
@pytest.mark.xdist_group("controls")
class TestFactsOfTheProject:
    def test_each_that_is_kept_on_disk_was_seen_to_be_computed(
        self, project: Path, opened: Opened
    ) -> None:
        declared = facts.declared(project / "controls" / "facts").values()
        assert opened.keys() == {fact.name for fact in declared if fact.on_disk}
        assert [fact.name for fact in declared if fact.on_disk and fact.source not in opened[fact.name]] == []  # fmt: skip
        assert project / BASE / "serving" / "server.py" in opened["released"]  # by its child only

    def test_each_reads_what_it_opens(self, project: Path, opened: Opened) -> None:
        assert [pair for pair in unread(project, opened) if not excepted(*pair)] == []

    def test_each_exception_is_broken_by_a_room_that_uses_the_fact(
        self, project: Path, opened: Opened
    ) -> None:
        assert set(unread(project, opened)) - broken(project) == set()

    def test_no_exception_outlives_its_reason(self, project: Path, opened: Opened) -> None:
        found = {entry for pair in unread(project, opened) for entry in excepted(*pair)}
        listed = {(name, glob) for name, globs in EXCEPTIONS.items() for glob in globs}
        assert listed - found == set()


@pytest.fixture
def opening(tiny: Path) -> Path:
    """Return the source of a fact that imports, reads and starts processes, none of it covered."""
    for name in ("here", "late", "child", "forked", "idle"):
        (tiny / "src" / "tiny" / f"{name}.py").write_text("NUMBER = 1\n")
    (tiny / "src" / "tiny" / "data.yml").write_text("a: 1\n")
    source = tiny / "controls" / "facts" / "opening.py"
    source.write_text(OPENING)
    return source


def test_a_file_that_no_glob_covers_is_missed_whoever_opens_it(
    tiny: Path, opening: Path, opens: Callable[[Path], Opened]
) -> None:
    opened = opens(tiny)
    missed = ["child.py", "data.yml", "forked.py", "here.py", "late.py"]
    assert unread(tiny, opened) == [("opening", f"src/tiny/{name}") for name in missed]
    opening.write_text(OPENING.replace("__init__.py", "**"))
    assert unread(tiny, opened) == []
    opening.write_text(OPENING.replace("__init__.py", "[!l]*"))
    assert unread(tiny, opened) == [("opening", "src/tiny/late.py")]
