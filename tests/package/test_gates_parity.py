"""The parity gates: equal scores pass; a changed constant, band, model, contract or delay does not."""

from __future__ import annotations

import copy
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from redoubt import admission, bundle, limits, project
from redoubt.errors import BadInput, Unavailable
from redoubt.gates import client as http
from redoubt.gates import commands, contract, engine, parity_onnx, parity_service
from redoubt.gates.candidate import Candidate, Service
from redoubt.gates.client import Answer
from redoubt.ledger import Ledger
from redoubt.model import Features
from redoubt.records import GateResult
from redoubt.release import issuer
from redoubt.serving import handle
from redoubt.settings import Settings

TIER_1 = {gate: limits.load(Path("/nowhere"), "gates", 1, ()).of(gate)
          for gate in ("parity-onnx", "parity-service")}  # fmt: skip


@pytest.fixture(scope="module")
def candidate(hand_released: Path) -> Candidate:
    """The model released by hand, with its golden set repeated to the length that tier 1 asks for."""
    settings = Settings(root=hand_released)
    promoted = admission.promoted(Ledger(settings))
    assert promoted is not None
    found = bundle.load(admission.folder(settings, promoted.model))
    golden = bundle.Golden(
        inputs={name: values * 5 for name, values in found.golden.inputs.items()},
        scores=found.golden.scores * 5, tolerance=found.golden.tolerance,
    )  # fmt: skip
    return Candidate(settings, replace(found, golden=golden))


@pytest.fixture(scope="module")
def live(hand_released: Path) -> Iterator[Service]:
    """A service of that model, over TLS on loopback."""
    settings = Settings(root=hand_released)
    mint = partial(issuer.mint, settings)
    with handle.running(settings, mint) as child:
        yield Service(child.url, mint("loan-app"), child.ca)


@dataclass
class Recorded:
    """A client that answers from what a live service said, with a change."""

    answers: dict[str, Answer]
    change: Any = None

    def get(self, path: str) -> Answer:
        return self._changed(path, self.answers[path])

    def post(self, path: str, value: dict[str, Any]) -> Answer:
        return self._changed(path, self.answers[json.dumps(value)])

    def _changed(self, path: str, answer: Answer) -> Answer:
        made = copy.deepcopy(answer)
        return self.change(path, made) if self.change else made


@pytest.fixture(scope="module")
def said(candidate: Candidate, live: Service) -> dict[str, Answer]:
    """Every answer that the gate asks for, given once by the live service."""
    with http.Http(live) as client:
        paths = (parity_service.VERSION, parity_service.OPENAPI)
        found = {path: client.get(path) for path in paths}
        for request in parity_service.golden_requests(candidate.bundle):
            found[json.dumps(request)] = client.post(contract.DECISIONS, request)
    return found


def outcome(candidate: Candidate, client: Recorded) -> engine.Finding:
    return engine.fold(lambda: parity_service.compare(candidate, client), TIER_1["parity-service"])


def offline(candidate: Candidate) -> engine.Finding:
    applied = TIER_1["parity-onnx"]
    return engine.fold(lambda: parity_onnx.judge(candidate, applied), applied)


def test_the_graph_gives_the_recipe_s_scores(candidate: Candidate) -> None:
    found, measured, reasons = offline(candidate)
    assert (found, reasons) == ("pass", ())
    assert measured["score_gap"].value < 1e-6


def altered(candidate: Candidate, name: str, factor: float) -> Features:
    """Return the project's features with one constant changed."""
    features = candidate.model.features
    index = features.names.index(name)

    def compute(columns: Any) -> Any:
        matrix = features.compute(columns).copy()
        matrix[:, index] *= factor
        return matrix

    return replace(features, compute=compute)


def with_features(candidate: Candidate, features: Features) -> Candidate:
    made = Candidate(candidate.settings, candidate.bundle)
    made.__dict__["model"] = replace(candidate.model, features=features)
    return made


def test_a_changed_feature_constant_breaks_offline_parity(candidate: Candidate) -> None:
    changed = with_features(candidate, altered(candidate, "loan_to_income", 1.05))
    found, _, reasons = offline(changed)
    assert found == "fail"
    assert reasons[0].startswith("score_gap:")


def test_other_feature_code_is_named_even_when_scores_agree(candidate: Candidate) -> None:
    code = candidate.bundle.manifest.serving_code | {"features.py": "sha256:" + "0" * 64}
    manifest = candidate.bundle.manifest.model_copy(update={"serving_code": code})
    found, _, reasons = offline(
        Candidate(candidate.settings, replace(candidate.bundle, manifest=manifest))
    )
    assert found == "fail"
    assert reasons == ("features.py is not the file that the model was trained with",)


@pytest.mark.parametrize(
    ("update", "said"),
    [
        ({"tolerance": 0.5}, "declared_tolerance"),
        ({"scores": (0.1,) * 100}, "score_gap"),
        ({"scores": (0.1,)}, "1 golden scores for 100 golden rows"),
        ({"inputs": {}}, "Error"),
    ],
)
def test_a_golden_set_that_shows_nothing_is_denied(
    candidate: Candidate, update: dict[str, Any], said: str
) -> None:
    golden = candidate.bundle.golden.model_copy(update=update)
    found, _, reasons = offline(
        Candidate(candidate.settings, replace(candidate.bundle, golden=golden))
    )
    assert found in ("fail", "error")
    assert any(said in reason for reason in reasons)


def test_a_healthy_service_passes_over_tls(candidate: Candidate, live: Service) -> None:
    applied = TIER_1["parity-service"]
    trial = Candidate(candidate.settings, candidate.bundle, service=live)
    found, measured, reasons = engine.fold(lambda: parity_service.judge(trial, applied), applied)
    assert (found, reasons) == ("pass", ())
    assert measured["rows_compared"].value == 100
    assert measured["p95_milliseconds"].low <= measured["p95_milliseconds"].high


def test_the_recorded_answers_pass(candidate: Candidate, said: dict[str, Answer]) -> None:
    assert outcome(candidate, Recorded(said))[0] == "pass"


def decided(**update: Any) -> Any:
    def change(path: str, answer: Answer) -> Answer:
        body = dict(answer.body or {})
        if path == contract.DECISIONS:
            body |= {name: value(body) if callable(value) else value
                     for name, value in update.items()}  # fmt: skip
        return replace(answer, body=body)

    return change


@pytest.mark.parametrize(
    ("change", "said_of"),
    [
        (decided(score=lambda body: round(body["score"] + 0.002, 3)), "score_gap"),
        (decided(score=lambda body: body["score"] + 1e-5), "not rounded"),
        (decided(score=float("nan")), "not rounded"),
        (decided(score=None), "not rounded"),
        (decided(score="0.1"), "not rounded"),
        (decided(band="Z"), "band 'Z'"),
        (decided(model="sha256:" + "9" * 64), "answered by model"),
        (decided(action="refer"), "withheld, yet it shows a score"),
        (decided(action="refer", score=None, band=None), "withheld_share"),
    ],
)
def test_an_answer_that_differs_is_denied(
    candidate: Candidate, said: dict[str, Answer], change: Any, said_of: str
) -> None:
    found, _, reasons = outcome(candidate, Recorded(said, change))
    assert found == "fail"
    assert any(said_of in reason for reason in reasons)


def test_one_row_that_differs_by_one_unit_is_denied(
    candidate: Candidate, said: dict[str, Answer]
) -> None:
    changed = dict(said)
    key = json.dumps(parity_service.golden_requests(candidate.bundle)[7])
    body = dict(changed[key].body or {})
    body["score"] = round(body["score"] + 0.001, 3)
    changed[key] = replace(changed[key], body=body)
    assert outcome(candidate, Recorded(changed))[0] == "fail"


def test_an_error_under_load_is_denied(candidate: Candidate, said: dict[str, Answer]) -> None:
    asked = iter(range(10_000))

    def change(path: str, answer: Answer) -> Answer:
        late = path == contract.DECISIONS and next(asked) > 150
        return replace(answer, status=503) if late else answer

    found, measured, reasons = outcome(candidate, Recorded(said, change))
    assert (found, measured["load_errors"].value > 0) == ("fail", True)
    assert any(reason.startswith("load_errors:") for reason in reasons)


def test_a_slow_service_is_denied(candidate: Candidate, said: dict[str, Answer]) -> None:
    found, _, reasons = outcome(
        candidate, Recorded(said, lambda _, answer: replace(answer, seconds=0.9))
    )
    assert found == "fail"
    assert reasons[0].startswith("p95_milliseconds: upper bound 900")


@pytest.mark.parametrize("status", [200, 500])
def test_another_digest_at_the_version_endpoint_is_denied(
    candidate: Candidate, said: dict[str, Answer], status: int
) -> None:
    other = candidate.bundle.digest if status == 500 else "sha256:" + "1" * 64

    def change(path: str, answer: Answer) -> Answer:
        if path != parity_service.VERSION:
            return answer
        return replace(answer, status=status, body={"model": other})

    found, _, reasons = outcome(candidate, Recorded(said, change))
    assert found == "fail"
    assert reasons == (f"the service says it runs model {other} (status {status})",)


def inputs_of(document: dict[str, Any]) -> dict[str, Any]:
    return next(schema for name, schema in document["components"]["schemas"].items()
                if name == "Inputs")  # fmt: skip


def drop(document: dict[str, Any]) -> None:
    del inputs_of(document)["properties"]["housing"]


def add(document: dict[str, Any]) -> None:
    inputs_of(document)["properties"]["sex"] = {"type": "string"}


def widen(document: dict[str, Any]) -> None:
    inputs_of(document)["properties"]["annual_income"]["maximum"] = 1e9


def retype(document: dict[str, Any]) -> None:
    inputs_of(document)["properties"]["term_months"]["type"] = "number"


def level(document: dict[str, Any]) -> None:
    inputs_of(document)["properties"]["housing"]["enum"].append("boat")


def loosen(document: dict[str, Any]) -> None:
    inputs_of(document)["additionalProperties"] = True


def optional(document: dict[str, Any]) -> None:
    inputs_of(document)["required"].remove("annual_income")


def unguard(document: dict[str, Any]) -> None:
    del document["paths"][contract.DECISIONS]["post"]["security"]


def answerless(document: dict[str, Any]) -> None:
    del document["components"]["schemas"]["DecisionResponse"]["properties"]["reasons"]


def move(document: dict[str, Any]) -> None:
    document["paths"]["/v2/decisions"] = document["paths"].pop(contract.DECISIONS)


@pytest.mark.parametrize(
    "breach", [drop, add, widen, retype, level, loosen, optional, unguard, answerless, move]
)
def test_a_breach_of_the_api_contract_is_denied(
    candidate: Candidate, said: dict[str, Answer], breach: Any
) -> None:
    def change(path: str, answer: Answer) -> Answer:
        if path == parity_service.OPENAPI:
            assert answer.body is not None
            breach(answer.body)
        return answer

    found, measured, reasons = outcome(candidate, Recorded(said, change))
    assert found == "fail"
    assert measured["contract_breaches"].value == 1
    assert any(reason.startswith("contract_breaches") for reason in reasons)


def test_without_a_service_the_gate_is_an_error(candidate: Candidate) -> None:
    applied = TIER_1["parity-service"]
    found, _, reasons = engine.fold(lambda: parity_service.judge(candidate, applied), applied)
    assert (found, reasons) == ("error", ("LookupError: no running service was given",))


def test_only_tls_with_the_given_ca_is_spoken_to(live: Service, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not https"):
        http.Http(replace(live, url="http://127.0.0.1:1"))
    with pytest.raises(Unavailable, match="CA file"):
        http.Http(replace(live, ca=tmp_path / "absent.pem"))
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises((Unavailable, ssl.SSLError)):
        http.Http(replace(live, ca=tmp_path / "empty.pem")).get("/v1/model")
    with pytest.raises(Unavailable, match="ConnectError"):
        http.Http(replace(live, url="https://127.0.0.1:1")).get("/v1/model")
    assert live.token not in repr(live)


def test_percentile_bounds_are_order_statistics() -> None:
    times = [Answer(200, {}, second / 1000) for second in range(1, 241)]
    found = parity_service.latency(times)["p95_milliseconds"]
    assert (found.value, found.low, found.high) == (229.0, 222.0, 235.0)


def test_the_command_starts_the_candidate_judges_it_and_stops_it(
    released_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(root=released_copy)
    promoted = admission.promoted(Ledger(settings))
    assert promoted is not None
    with commands.started(settings, promoted.model) as service:
        who = issuer.identity(settings, "mira")
        result = engine.judge(settings, project.load(released_copy), promoted.model, who,
                              names=("parity-service",), service=service)[0]  # fmt: skip
    assert result.reasons == ("rows_compared: lower bound 20 is below 64",)
    assert Ledger(settings).newest(GateResult, promoted.model) == result
    with pytest.raises(Unavailable):
        http.Http(service).get("/v1/model")
    lines = "\n".join(commands.report(result))
    assert "DENIED" in lines
    assert "rows_compared" in lines
    assert np.isfinite(result.measured["p95_milliseconds"].value)
