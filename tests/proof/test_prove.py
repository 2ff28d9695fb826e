"""Both ways on a tiny catalogue: what counts as red, and everything that does not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.proof.prove import Proof

Room = Callable[..., Path]
Prove = Callable[[], Proof]
Requirement = Callable[..., list[dict[str, Any]]]
Quiet = dict[str, Any]
HEAD = "from redoubt.proof import proves\n\nfrom tiny.limit import allowed\n\n\n"


def failures(prove: Prove) -> str:
    return "\n".join(prove().failures())


def test_a_healthy_room_is_proven_both_ways(tiny: Path, room: Room, prove: Prove) -> None:
    before = (tiny / "src" / "tiny" / "limit.py").read_text()
    proof = prove()
    assert list(proof.failures()) == []
    assert proof.breaks[0].red == ("test_a_low_value_is_denied",)
    assert (tiny / "src" / "tiny" / "limit.py").read_text() == before


def test_a_surviving_sabotage_is_named(
    room: Room, prove: Prove, requirement: Requirement, quiet: Quiet
) -> None:
    harmless = quiet | {"name": "harmless", "find": "FLOOR = 10", "with": "FLOOR = 10.0"}
    room(requirements=requirement(quiet, harmless | {"quiet": False}))
    assert "«harmless»: survives" in failures(prove)


def test_a_test_that_was_never_red_is_named(room: Room, prove: Prove) -> None:
    twin = '@proves("GATE-01.1")\ndef test_that_cannot_fail():\n    assert allowed(11)\n'
    low = '@proves("GATE-01.1")\ndef test_low():\n    assert not allowed(9)\n'
    room(HEAD + low + "\n\n" + twin)
    assert failures(prove) == "test_that_cannot_fail was red on no sabotage: it cannot fail"


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("import", "import nowhere"),
        ("exception", "def allowed(value: int) -> bool:\n    raise ValueError(value)"),
        ("assertion of the product", "def allowed(value: int) -> bool:\n    raise AssertionError"),
        ("set-up", "raise RuntimeError"),
    ],
)
def test_red_through_anything_else_does_not_count(
    room: Room, prove: Prove, requirement: Requirement, quiet: Quiet, how: str, text: str
) -> None:
    wrong = {"name": how, "kind": "append", "path": "src/tiny/limit.py", "text": text + "\n"}
    room(requirements=requirement(quiet, wrong))
    assert f"«{how}»: survives: no test turned red by its own assertion" in failures(prove)


def test_a_time_out_is_not_red_and_leaves_no_process(
    tiny: Path, room: Room, prove: Prove, requirement: Requirement, quiet: Quiet
) -> None:
    slow = (
        "import os, subprocess, time\n\n\ndef allowed(value: int) -> bool:\n"
        "    child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        f"    open({str(tiny / 'var' / 'pids')!r}, 'a').write(f'{{child.pid}}\\n')\n"
        "    time.sleep(600)\n"
    )
    hang = {"name": "hangs", "kind": "append", "path": "src/tiny/limit.py", "text": slow}
    room(requirements=requirement(quiet, hang), seconds=6)
    found = failures(prove)
    assert "«hangs»: survives" in found
    assert "time-out after 6 s" in found
    pids = [int(line) for line in (tiny / "var" / "pids").read_text().split()]
    assert pids
    assert not any(_alive(pid) for pid in pids)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_a_killed_run_leaves_no_child(tiny: Path, room: Room) -> None:
    hang = f"    open({str(tiny / 'pid')!r}, 'w').write(str(os.getpid()))\n    time.sleep(600)\n"
    room("import os, time\nfrom redoubt.proof import proves\n\n\n"
         f'@proves("GATE-01.1")\ndef test_it():\n{hang}')  # fmt: skip
    code = (
        "from pathlib import Path\nfrom redoubt.proof import rooms, runs, workers\n"
        f"root = Path({str(tiny)!r})\n"
        "task = runs.pristine(runs.Place(root, root / 'var'), rooms.read(root)[0], ('test_it',))\n"
        "list(workers.run_all([task], 1))\n"
    )
    source = {"PYTHONPATH": str(tiny / "platform" / "src")}
    (tiny / "var").mkdir(exist_ok=True)
    parent = subprocess.Popen([sys.executable, "-c", code], env=os.environ | source)
    child = int(_wait(lambda: (tiny / "pid").exists() and (tiny / "pid").read_text()))
    parent.kill()
    parent.wait()
    _wait(lambda: not _alive(child))


def _wait(ready: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := ready()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


def test_pytest_raises_that_saw_nothing_counts(room: Room, prove: Prove, tiny: Path) -> None:
    limit = tiny / "src" / "tiny" / "limit.py"
    limit.write_text(limit.read_text() + "\n\ndef require(value: int) -> None:\n    "
                     '"""Refuse a low value."""\n    if not allowed(value):\n        '
                     "raise ValueError(value)\n")  # fmt: skip
    verify = (
        "import pytest\n\nfrom redoubt.proof import proves\nfrom tiny.limit import require\n\n\n"
        '@proves("GATE-01.1")\ndef test_low_values_raise():\n    require(10)\n'
        "    with pytest.raises(ValueError):\n        require(9)\n"
    )
    room(verify)
    assert failures(prove) == ""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"find": "nowhere to be found"}, "stands 0 times"),
        ({"find": "FLOOR"}, "stands 2 times"),
        ({"with": "return value >= FLOOR"}, "would not change"),
        ({"path": "src/tiny/gone.py"}, "is not there"),
        ({"path": "../outside.py"}, "is not a path of the project"),
        ({"path": "controls/GATE-01-a-floor/verify.py"}, "breaks the check itself"),
    ],
)
def test_a_sabotage_that_does_not_apply_is_named(
    room: Room, prove: Prove, requirement: Requirement, quiet: Quiet, change: Quiet, expected: str
) -> None:
    room(requirements=requirement(quiet, quiet | {"name": "misfit", "quiet": False} | change))
    found = failures(prove)
    assert "«misfit»: does not apply" in found
    assert expected in found


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"with": "_ = 1\n    _ = 2\n    _ = 3\n    return value >= 0"}, "it changes 4 lines"),
        ({"with": "return value >= zero"}, "ruff: F821"),
        ({"with": "return value >= 12"}, "the project's test"),
        ({"find": '"""The impl', "with": 'import nowhere  # noqa: F401\n\n"""The impl'}, "import"),
        ({"path": "project.yml", "find": "rendered_tier: 1", "with": "rendered_tier: 2"},
         "is not at an implementing line"),
    ],
)  # fmt: skip
def test_a_quiet_sabotage_must_be_quiet(
    room: Room, prove: Prove, requirement: Requirement, quiet: Quiet, change: Quiet, expected: str
) -> None:
    room(requirements=requirement(quiet, quiet | {"name": "loud"} | change))
    found = failures(prove)
    assert "«loud»: is not" in found
    assert expected in found


def test_a_broken_copy_imports_its_own_files(tiny: Path, room: Room, prove: Prove) -> None:
    verify = (
        "from pathlib import Path\n\nimport redoubt\nfrom redoubt.proof import proves\n"
        "import tiny.limit\n\n\n"
        '@proves("GATE-01.1")\ndef test_it_is_its_own():\n'
        "    here = Path.cwd()\n"
        "    assert Path(redoubt.__file__).is_relative_to(here)\n"
        "    assert Path(tiny.limit.__file__).is_relative_to(here)\n"
        f"    assert here == Path({str(tiny)!r}) or not tiny.limit.allowed(9)\n"
    )
    room(verify)
    assert failures(prove) == ""


def test_a_test_of_the_model_is_proven_on_the_reference(
    tiny: Path, room: Room, prove: Prove
) -> None:
    (tiny / "controls" / "facts" / "released.py").write_text(
        "from pathlib import Path\n\nfrom redoubt.proof import fact\n\n\n"
        '@fact(reads=["project.yml"])\ndef released(work: Path) -> None:\n'
        '    (work / "model").write_text("reference")\n'
    )
    verify = (
        "from redoubt.proof import NotEvaluated, proves\nfrom tiny.limit import allowed\n\n\n"
        '@proves("GATE-01.1")\ndef test_the_model(own):\n'
        '    if not (own.root / "model").exists():\n'
        '        raise NotEvaluated("no model", remedy="promote one")\n'
        "    assert not allowed(9)\n"
    )
    room(verify)
    assert failures(prove) == ""
