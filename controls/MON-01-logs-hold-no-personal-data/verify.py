"""Proves MON-01: what an applicant, a token or a crash says reaches no log, metric or trace."""

import io
import json
import logging
import sys
import threading
from collections.abc import Callable
from contextlib import redirect_stderr

from redoubt.proof import proves
from redoubt.serving import logs

MARKER = "marker-4711-of-a-person"
BASE = {"time", "level", "event", "source", "exception", "frames"}


def written(block: Callable[[], None]) -> list[str]:
    """Return the log lines of a block that runs as the service does, and check their schema."""
    stream = io.StringIO()
    with redirect_stderr(stream), logs.redacted():
        block()
    return stream.getvalue().splitlines()


def fail() -> None:
    raise ValueError(MARKER)


@proves("MON-01.1")
def test_markers_of_requests_reach_no_log_and_no_metric(service, verdicts):
    inputs = verdicts.row
    answers = [service.post(inputs, reference=MARKER), service.post(inputs | {"housing": MARKER}),
               service.post(inputs | {MARKER: 1}), service.send(MARKER.encode()),
               service.get(f"/{MARKER}"), service.get("/v1/model", f"{MARKER}.a.b"),
               service.get("/metrics", service.token(MARKER, scope="metrics")),
               service.get("/metrics", service.token("loan-app", sub=MARKER))]  # fmt: skip
    assert [answer.status for answer in answers] == [200, 422, 422, 422, 404, 401, 200, 403]
    assert MARKER not in service.get("/metrics", service.token("prometheus")).body.decode()
    assert "caller_refused" in service.log.read_text()
    assert MARKER not in service.log.read_text()


@proves("MON-01.2")
def test_messages_of_libraries_and_fields_that_are_not_listed_are_dropped():
    def say() -> None:
        logging.getLogger("uvicorn.error").error("body %s", MARKER)
        logs.event("ready", tier=1, income=MARKER)
        print(MARKER, file=sys.stderr)

    texts = written(say)
    assert MARKER not in "".join(texts)
    lines = [json.loads(text) for text in texts]
    assert [line["event"] for line in lines] == ["library_message", "ready", "output_suppressed"]
    assert lines[1]["tier"] == 1


@proves("MON-01.3")
def test_a_crash_tells_types_and_places_and_no_value():
    def crash() -> None:
        try:
            fail()
        except ValueError:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()

    lines = [json.loads(line) for line in written(crash)]
    assert [line["exception"] for line in lines] == [["ValueError"]] * 2
    assert all(line["frames"][-1].endswith(":fail") for line in lines)
    assert MARKER not in json.dumps(lines)


@proves("MON-01.4")
def test_no_trace_leaves_though_a_tracer_is_configured(traced):
    assert traced(MARKER) == (200, ["of the test"])


@proves("MON-01.5")
def test_each_line_of_the_service_is_json_with_known_fields(service):
    service.get("/v1/model", "not.a.token")
    for line in service.log.read_text().splitlines():
        assert {"time", "level", "event"} <= set(json.loads(line)) <= BASE | set(logs.FIELDS)
