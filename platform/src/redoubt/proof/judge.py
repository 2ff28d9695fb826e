"""Run a room's tests with pytest in this process, and say of each how it ended.

Red counts only by a test's own assertion: an AssertionError raised in that ``verify.py``, or
``pytest.raises`` there that saw nothing raised. Everything else that goes wrong is an error.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import pytest

Outcome = Literal["pass", "fail", "error", "not-evaluated"]
WORST: tuple[Outcome, ...] = ("fail", "error", "not-evaluated", "pass")
LONGEST = 1500
PYTEST = str(Path(pytest.__file__).parent.parent / "_pytest")


@dataclass(frozen=True)
class Tested:
    """How one test function ended. ``detail`` is the assertion, the error or the reason."""

    test: str
    outcome: Outcome
    detail: str = ""
    remedy: str = ""
    seconds: float = 0.0


class Judge:
    """A pytest plugin that writes one line a test into a file, as soon as it is known."""

    def __init__(self, verify: Path, out: Path) -> None:
        self._verify = str(verify.resolve())
        self._out = out
        self._started = 0.0
        self._now: Tested | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what could not be collected."""
        if report.failed:
            self._write(Tested("", "error", _cut(f"collection: {report.longrepr}")))

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Start the clock of a test."""
        self._started = time.monotonic()
        self._line({"begins": _name(item)})
        self._now = Tested(_name(item), "error", "it did not run")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        """Classify each phase of a test by what it raised."""
        if call.when == "setup":
            self._now = Tested(_name(item), "error", "it did not run")
        if call.when == "call" or call.excinfo is not None:
            self._now = self._classified(item, call)
        return (yield)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Write the line of a finished test."""
        if self._now is not None:
            seconds = round(time.monotonic() - self._started, 3)
            self._write(Tested(**asdict(self._now) | {"seconds": seconds}))
            self._now = None

    def _classified(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Tested:
        name, before = _name(item), self._now
        if call.excinfo is None:
            return Tested(name, "pass")
        if call.when == "teardown" and before is not None and before.outcome != "pass":
            return before
        error = call.excinfo.value
        text = _cut(call.excinfo.exconly())
        if _called(error, "redoubt.proof", "NotEvaluated") and call.when != "teardown":
            return Tested(name, "not-evaluated", str(error), str(getattr(error, "remedy", "")))
        if call.when == "call" and self._own(error):
            return Tested(name, "fail", text)
        return Tested(name, "error", f"{call.when}: {text}")

    def _own(self, error: BaseException) -> bool:
        """Say whether this is the room's own verdict, and not something that went wrong."""
        saw_nothing = isinstance(error, pytest.fail.Exception) and str(error).startswith(
            "DID NOT RAISE"
        )
        if type(error) is not AssertionError and not saw_nothing:
            return False
        return _raised_in(error.__traceback__) == self._verify

    def _write(self, tested: Tested) -> None:
        self._line(asdict(tested))

    def _line(self, value: dict[str, Any]) -> None:
        with self._out.open("a") as stream:
            stream.write(json.dumps(value) + "\n")


def _raised_in(trace: TracebackType | None) -> str:
    """Return the file of the last frame that is not pytest's own."""
    last = ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(PYTEST):
            last = str(Path(file).resolve())
        trace = trace.tb_next
    return last


def _called(error: BaseException, module: str, name: str) -> bool:
    """Compare by name: a broken copy has its own class of the same name."""
    return any(kind.__module__ == module and kind.__name__ == name for kind in type(error).__mro__)


def _name(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", None) or item.name)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + " …"


def run(verify: Path, tests: Sequence[str], out: Path, scratch: Path) -> None:
    """Run the named tests of a ``verify.py`` in the current folder, lines going to ``out``."""
    controls = verify.parent.parent
    pytest.main(
        [
            "-q", "-p", "no:cacheprovider", "--import-mode=importlib", "-c", "/dev/null",
            f"--rootdir={controls.parent}", f"--confcutdir={controls}",
            f"--basetemp={scratch / 'pytest'}", "--tb=short", "-W", "ignore",
            *(f"{verify}::{name}" for name in tests),
        ],
        plugins=[Judge(verify, out)],
    )  # fmt: skip


def read(out: Path, tests: Sequence[str], why: str) -> dict[str, Tested]:
    """Return how each test ended, the worst of its cases; one that left no line is an error.

    ``why`` says what cut the run short, such as a time-out.
    """
    lines = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    begun = [line["begins"] for line in lines if "begins" in line]
    seen = [Tested(**line) for line in lines if "test" in line]
    general = next((item.detail for item in seen if not item.test), "")
    results: dict[str, Tested] = {}
    for name in tests:
        cases = [item for item in seen if item.test == name]
        if begun.count(name) != len(cases) or not cases:
            cases.append(Tested(name, "error", why or general or "it was not collected"))
        worst = min(cases, key=lambda item: WORST.index(item.outcome))
        seconds = sum(item.seconds for item in cases)
        results[name] = Tested(name, worst.outcome, worst.detail, worst.remedy, seconds)
    return results
