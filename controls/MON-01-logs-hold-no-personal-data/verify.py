"""Proves MON-01: what an applicant, a token or a crash says reaches no log, metric or trace."""

import io
import json
import logging
import sys
import threading
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime

from redoubt.proof import proves
from redoubt.serving import logs

MARKER = "marker-4711-of-a-person"
BASE = {"time": str, "level": str, "event": str, "source": str, "exception": list, "frames": list}


def written(block: Callable[[], None]) -> list[str]:
    """Return the log lines of a block that runs as the service does, and check their schema."""
    stream = io.StringIO()
    with redirect_stderr(stream), redirect_stdout(stream), logs.redacted():
        block()
    return stream.getvalue().splitlines()


def fail() -> None:
    raise ValueError(MARKER) from KeyError(MARKER)


@proves("MON-01.1")
def test_markers_of_requests_reach_no_log_and_no_metric(service, verdicts):
    inputs, bad, headers = verdicts.row, f"{MARKER}.a.b", {"User-Agent": MARKER, "X-Name": MARKER}
    answers = [service.post(inputs, reference=MARKER), service.post(inputs | {"housing": MARKER}),
               service.post(inputs | {MARKER: 1}), service.send(MARKER.encode()),
               service.get(f"/{MARKER}"), service.get(f"/v1/model?name={MARKER}"),
               service.request("GET", "/v1/model", token=bad, headers=headers),
               service.get("/metrics", service.token(MARKER, scope="metrics")),
               service.get("/metrics", service.token("loan-app", sub=MARKER))]  # fmt: skip
    statuses = [200, 422, 422, 422, 404, 401, 401, 200, 403]
    assert [answer.status for answer in answers] == statuses
    assert MARKER not in service.get("/metrics", service.token("prometheus")).body.decode()
    assert "caller_refused" in service.log.read_text()
    assert MARKER not in service.log.read_text()


@proves("MON-01.2")
def test_messages_of_libraries_and_fields_that_are_not_listed_are_dropped():
    def say() -> None:
        logging.getLogger("uvicorn.error").error("body %s", MARKER)
        logs.event("ready", tier=1, income=MARKER, reason={"name": MARKER})
        for stream in (sys.stdout, sys.stderr):
            print(MARKER, file=stream)

    texts = written(say)
    assert MARKER not in "".join(texts)
    lines = [json.loads(text) for text in texts]
    printed = ["output_suppressed"] * 2
    assert [line["event"] for line in lines] == ["library_message", "ready", *printed]
    assert (lines[1]["tier"], lines[1].keys() & {"income", "reason"}) == (1, set())


@proves("MON-01.3")
def test_a_crash_tells_types_and_places_and_no_value():
    def crash() -> None:
        try:
            fail()
        except ValueError as error:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
            sys.excepthook(type(error), error, error.__traceback__)
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        type("Last", (), {"__del__": lambda self: fail()})()

    lines = [json.loads(line) for line in written(crash)]
    assert [line.get("exception") for line in lines] == [["ValueError", "KeyError"]] * 4
    assert all(line["frames"][-1].endswith(":fail") for line in lines)
    assert MARKER not in json.dumps(lines)


@proves("MON-01.3")
def test_a_service_that_ends_by_an_exception_tells_no_value_and_leaves_no_core(crashed):
    code, output = crashed(MARKER)
    assert (code, MARKER in output) == (1, False)
    assert json.loads(output.splitlines()[-1])["exception"] == ["ValueError"]
    assert crashed.core_bytes == (0, 0)


@proves("MON-01.4")
def test_no_trace_metric_or_record_leaves_though_exporters_are_configured(asked, exported):
    assert asked(MARKER) == 200
    assert exported() == []


@proves("MON-01.5")
def test_each_line_of_the_service_is_json_with_known_fields(service):
    service.get("/v1/model", "not.a.token")
    kinds = BASE | logs.FIELDS
    for line in map(json.loads, service.log.read_text().splitlines()):
        assert {"time", "level", "event"} <= line.keys() <= kinds.keys()
        assert all(isinstance(value, kinds[name]) for name, value in line.items())
        assert datetime.fromisoformat(line["time"]).tzinfo
        assert line["level"] in ("info", "warning", "error")
