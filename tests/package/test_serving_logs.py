"""Logs hold no personal data: not ours, not a library's, not of a crash."""

import gc
import json
import logging
import subprocess
import sys
import textwrap
import warnings

import pytest

from redoubt.serving import logs

MARKER = "marker-4711-of-a-person"


@pytest.fixture
def lines(capsys):
    """Return a function that gives what was written to standard error so far, parsed."""
    gc.collect()  # so that what other tests left open warns now
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_our_events_keep_allowed_fields_only(lines):
    with logs.redacted():
        logs.event("ready", model="sha256:1", income=MARKER, tier="not a number", reason="x" * 500)
    (line,) = lines()
    assert line["event"] == "ready"
    assert line["model"] == "sha256:1"
    assert len(line["reason"]) == logs.LONGEST
    assert set(line) == {"time", "level", "event", "model", "reason"}


def test_a_librarys_message_is_dropped_and_its_place_kept(lines):
    with logs.redacted():
        logging.getLogger("uvicorn.error").warning("body was %s", MARKER)
        logging.getLogger("team").error(f"row {MARKER}", extra={"row": MARKER})
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(MARKER, stacklevel=1)
    found = lines()
    assert len(found) == 3
    assert MARKER not in json.dumps(found)
    assert {line["event"] for line in found} == {"library_message"}
    assert all(line["source"].count(":") == 2 for line in found)


def test_an_exception_is_types_and_frames(lines):
    with logs.redacted():
        try:
            try:
                raise KeyError(MARKER)
            except KeyError as error:
                raise ValueError(f"bad {MARKER}") from error
        except ValueError as error:
            logs.crash("failed", error)
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    found = lines()
    assert MARKER not in json.dumps(found)
    assert [line["exception"] for line in found] == [["ValueError", "KeyError"]] * 2
    assert found[0]["frames"][0].startswith("test_serving_logs.py:")


def test_what_code_prints_is_swallowed(lines):
    with logs.redacted():
        print(MARKER)
        sys.stderr.write(MARKER)
    assert [line["event"] for line in lines()] == ["output_suppressed"] * 2


def test_everything_is_as_before_afterwards(lines):
    before = (logging.getLogger().handlers, sys.stdout, sys.stderr, sys.excepthook)
    with logs.redacted():
        pass
    assert (logging.getLogger().handlers, sys.stdout, sys.stderr, sys.excepthook) == before


def test_crash_output_of_threads_finalisers_and_the_process_holds_no_value():
    code = f"""
        import threading
        from redoubt.serving import logs
        class Odd:
            def __del__(self): raise ValueError({MARKER!r})
        def fail(): raise ValueError({MARKER!r})
        entered = logs.redacted(); entered.__enter__()
        thread = threading.Thread(target=fail); thread.start(); thread.join()
        odd = Odd(); del odd
        fail()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert MARKER not in done.stdout + done.stderr
    events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert events == ["thread_crashed", "error_ignored", "crashed"]


def test_markers_of_a_request_are_in_no_output_of_the_service(live, good):
    live.send(json.dumps({"inputs": good | {"housing": MARKER}}).encode())
    live.send(json.dumps({"inputs": good | {MARKER: 1}, "reference": MARKER + "\n"}).encode())
    live.send(json.dumps({"inputs": good, "reference": MARKER}).encode())
    live.get(f"/{MARKER}", token=live.token("loan-app"))
    live.get("/v1/model", token=f"{MARKER}.x.y")
    live.get("/v1/model", token=live.token("prometheus", sub=MARKER))
    page = live.get("/metrics", token=live.token("prometheus")).body.decode()
    assert MARKER not in page
    log = live.log.read_text()
    assert MARKER not in log
    for line in log.splitlines():
        assert {"time", "level", "event"} <= set(json.loads(line))
