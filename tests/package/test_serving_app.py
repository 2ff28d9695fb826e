"""The service in this process: contract of every answer, expiry, a failing log, slow and large bodies."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from jsonschema import Draft202012Validator

from redoubt.serving import health, journal, route
from redoubt.serving.decision_log import places

DECISIONS = "/v1/decisions"


@pytest.fixture
def service(local):
    return local()


def schema(service, path, method, status):
    """Return the JSON schema that OpenAPI promises for an answer, references resolved by hand."""
    document = json.loads(service.ask("GET", "/openapi.json", token=service.token())[1])
    operation = document["paths"][path][method]
    found = operation["responses"][str(status)]["content"]["application/json"]["schema"]
    text = json.dumps(found | {"components": document["components"]})
    return Draft202012Validator(json.loads(text))


def test_a_decision_is_answered_as_openapi_says_and_recorded(service, good):
    status, body = service.decide(good, reference="A-1")
    assert status == 200
    schema(service, DECISIONS, "post", 200).validate(json.loads(body))
    lines = [line for _, _, line in journal.walk(places(service.settings, "decisions")[0])]
    assert lines[-1]["request"] == json.loads(body)["decision_id"]
    assert lines[-1]["reference"] == "A-1"


def test_other_answers_are_as_openapi_says(service, good):
    model = service.ask("GET", "/v1/model", token=service.token())
    schema(service, "/v1/model", "get", 200).validate(json.loads(model[1]))
    for status, answer in (
        (401, service.ask("POST", DECISIONS)),
        (422, service.ask("POST", DECISIONS, token=service.token(), body=b"{}")),
        (413, service.ask("POST", DECISIONS, token=service.token(), body=b"x" * 70_000)),
    ):
        assert answer[0] == status
        schema(service, DECISIONS, "post", status).validate(json.loads(answer[1]))


def test_openapi_shows_the_security_scheme_and_the_contract(service):
    document = json.loads(service.ask("GET", "/openapi.json", token=service.token())[1])
    operation = document["paths"][DECISIONS]["post"]
    assert operation["security"] == [{"token": ["score"]}]
    inputs = document["components"]["schemas"]["Inputs"]
    assert inputs["additionalProperties"] is False
    assert inputs["properties"]["annual_income"]["minimum"] == 1000
    assert "sex" not in inputs["properties"]


def test_requests_that_wait_together_get_their_own_answers(service, applicants):
    rows = applicants(40, seed=11)

    async def all_at_once():
        bodies = [json.dumps({"inputs": row}).encode() for row in rows]
        token = service.token()
        return await asyncio.gather(
            *(service.exchange("POST", DECISIONS, token, body) for body in bodies)
        )

    answers = [json.loads(body) for _, body in service.loop.run_until_complete(all_at_once())]
    alone = [outcome.data() for outcome in service.parts.core.decide(rows)]
    assert [
        {key: answer[key] for key in one} for answer, one in zip(answers, alone, strict=True)
    ] == alone
    assert len({answer["decision_id"] for answer in answers}) == 40


@pytest.mark.parametrize("length", [b"99999999999999999999", b"-1", b"65537", b"abc"])
def test_a_declared_length_beyond_the_limit_is_refused(service, length):
    headers = [(b"content-length", length)]
    assert service.ask("POST", DECISIONS, token=service.token(), headers=headers)[0] == 413


def test_a_chunked_body_beyond_the_limit_is_refused(service):
    chunks = [b" " * 10_000] * 7
    assert service.ask("POST", DECISIONS, token=service.token(), chunks=chunks)[0] == 413
    assert service.ask("POST", DECISIONS, token=service.token(), chunks=chunks[:6])[0] == 422


def test_a_body_that_trickles_is_cut_off(service, good, monkeypatch):
    monkeypatch.setattr(route, "BODY_SECONDS", 0.05)

    async def late():
        await asyncio.sleep(1)
        return b"}"

    slow = service.ask("POST", DECISIONS, token=service.token(), chunks=[b"{", late()])
    assert slow == (408, b'{"error":"request_too_slow","fields":[]}')
    assert service.decide(good)[0] == 200


def test_unknown_paths_and_methods_have_fixed_bodies(service):
    assert service.ask("GET", "/marker") == (404, b'{"error":"not_found","fields":[]}')
    assert service.ask("PUT", DECISIONS) == (405, b'{"error":"method_not_allowed","fields":[]}')


def test_a_failing_log_stops_the_service(service, good, monkeypatch):
    assert service.decide(good)[0] == 200

    def fail(lines):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(service.parts.log._journal, "write", fail)
    assert service.decide(good) == (503, b'{"error":"unavailable","fields":[]}')
    assert service.ask("GET", "/readyz") == (503, b"")
    assert service.ask("GET", "/livez") == (200, b"")
    assert service.decide(good)[0] == 503
    page = service.ask("GET", "/metrics", token=service.token("prometheus"))[1].decode()
    assert "redoubt_decision_log_failed 1.0" in page
    assert "redoubt_ready 0.0" in page


def test_an_approval_that_expires_under_the_service_flags_each_decision(local, good, monkeypatch):
    said = []
    monkeypatch.setattr(health.logs, "event", lambda name, **fields: said.append(name))
    service = local(expires=datetime.now(UTC) - timedelta(hours=23))
    answer = json.loads(service.decide(good)[1])
    assert answer["action"] == "flag"
    assert {"kind": "approval_expired", "field": None} in answer["findings"]
    assert answer["score"] is not None
    service.parts.refresh()
    service.parts.refresh()
    assert said.count("approval_expired") == 1
    assert service.ask("GET", "/readyz")[0] == 200
    page = service.ask("GET", "/metrics", token=service.token("prometheus"))[1].decode()
    assert "redoubt_approval_expired 1.0" in page


def test_after_the_grace_period_tier_1_is_not_ready(local):
    service = local(expires=datetime.now(UTC) - timedelta(hours=25))
    assert service.ask("GET", "/readyz") == (503, b"")
    service.parts.health._tier = 2
    assert service.ask("GET", "/readyz") == (200, b"")


def test_an_error_of_ours_is_answered_without_its_words(service, good, monkeypatch):
    def fail(rows):
        raise RuntimeError("marker-of-a-value")

    monkeypatch.setattr(service.parts.core, "decide", fail)
    with pytest.raises(RuntimeError):  # Starlette answers first, then raises for the server's log
        service.decide(good)
