"""The fact ``parity``: the released model before both parity gates, as it is or changed by a test."""

import copy
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from redoubt import admission, bundle
from redoubt.gates import client as http
from redoubt.gates import engine, parity_onnx, parity_service
from redoubt.gates.candidate import Candidate, Judgement, Service
from redoubt.gates.client import Answer
from redoubt.limits import load
from redoubt.proof import fact
from redoubt.records import Manifest, Metric
from redoubt.serving import handle, loader
from redoubt.settings import Settings

Outcome = tuple[str, dict[str, Metric], set[str]]
Change = Callable[[str, Answer], Answer]
OTHER = "sha256:" + "0" * 64


class Parity:
    """One bundle and what its service answered, row by row."""

    def __init__(self, root: Path, said: Path) -> None:
        self.settings = Settings(root=root)
        digest = loader.wanted(self.settings, None)
        self.bundle = bundle.load(admission.folder(self.settings, digest), digest)
        found = json.loads((said / "answers.json").read_text())
        names = [json.dumps(row) for row in parity_service.golden_requests(self.bundle)]
        self.said = {path: Answer(*found[path]) for path in ("/v1/model", "/openapi.json")}
        self.said |= {name: Answer(*found[str(row)]) for row, name in enumerate(names)}

    def judged(self, gate: str, judge: Callable[[], Judgement]) -> Outcome:
        """Return outcome, measures and the first words of every reason."""
        applied = load(self.settings.root, "gates", 1, ()).of(gate)
        outcome, measured, reasons = engine.fold(judge, applied)
        return outcome, dict(measured), {reason.partition(":")[0] for reason in reasons}

    def offline(
        self, factor: float = 1.0, manifest: Manifest | None = None, **golden: Any
    ) -> Outcome:
        """Judge by the offline gate: a feature times a factor, other code, another golden set."""
        made = replace(self.bundle, manifest=manifest or self.bundle.manifest,
                       golden=self.bundle.golden.model_copy(update=golden))  # fmt: skip
        case = Candidate(self.settings, made)
        features = case.model.features

        def compute(columns: Any) -> Any:
            return features.compute(columns) * np.array(
                [factor] + [1] * (len(features.names) - 1), np.float32
            )

        case.__dict__["model"] = replace(case.model, features=replace(features, compute=compute))
        return self.judged("parity-onnx", lambda: parity_onnx.judge(case, {}))

    def other_code(self, name: str = "features.py") -> Manifest:
        """Return a manifest that was trained with another file of this name."""
        code = self.bundle.manifest.serving_code | {name: OTHER}
        return self.bundle.manifest.model_copy(update={"serving_code": code})

    def live(self, service: handle.Service, ca: Path | None = None, at: str = "") -> Outcome:
        """Judge a running service over TLS, trusting its CA or another one, at its URL or another."""
        address = Service(at or service.url, service.token("loan-app"), ca or service.ca)
        case = Candidate(self.settings, self.bundle, service=address)
        return self.judged("parity-service", lambda: parity_service.judge(case, {}))

    def timed(self, service: handle.Service, delay: float) -> float:
        """Return how long the gate's client says an answer took that came after ``delay`` seconds."""
        address = Service(service.url, service.token("loan-app"), service.ca)
        with http.Http(address) as client:
            ask = client._client.request

            def late(*asked: Any, **options: Any) -> Any:
                time.sleep(delay)
                return ask(*asked, **options)

            with mock.patch.object(client._client, "request", late):
                return client.get(parity_service.VERSION).seconds

    def replayed(self, change: Change = lambda path, answer: answer) -> Outcome:
        """Judge what the service said, with each answer changed by (path, answer)."""
        case = Candidate(self.settings, self.bundle)
        client = Replayed(self.said, change)
        return self.judged("parity-service", lambda: parity_service.compare(case, client))

    def of_rows(self, change: Callable[[Answer], Answer], first: int, last: int) -> Change:
        """Return a change of the answers number ``first`` to ``last`` of those with a decision."""

        def changed(path: str, answer: Answer) -> Answer:
            number = int(path.partition("#")[2] or 0)
            return change(answer) if first <= number <= last else answer

        return changed

    def saying(self, first: int, last: int, **fields: object) -> Change:
        """Return a change of what decisions say."""
        return self.of_rows(lambda a: replace(a, body=(a.body or {}) | fields), first, last)

    def score_off_by(self, step: float, first: int, last: int) -> Change:
        """Return a change of the score of decisions."""

        def stepped(answer: Answer) -> Answer:
            body = answer.body or {}
            return replace(answer, body=body | {"score": round(body["score"] + step, 5)})

        return self.of_rows(stepped, first, last)

    def breaches(self) -> Iterator[Change]:
        """Yield changes of the API description: each breaks the contract in one place."""
        yield self._document(lambda inputs: inputs["properties"].pop("housing"))
        yield self._document(lambda inputs: inputs["properties"].update(sex={"type": "string"}))
        yield self._document(lambda inputs: inputs.pop("additionalProperties"))
        yield self._document(lambda inputs: inputs["required"].remove("annual_income"))
        yield self._document(lambda inputs: inputs["properties"]["annual_income"].update(maximum=9))
        yield self._document(lambda inputs: inputs["properties"]["housing"]["enum"].append("boat"))
        yield self._document(
            lambda inputs: inputs["properties"]["term_months"].update(type="number")
        )
        yield self._document(lambda answer: answer["properties"].pop("reasons"), "DecisionResponse")
        yield self._document(lambda schemes: schemes.clear(), "token", "securitySchemes")
        yield self._document(lambda inputs: inputs["properties"]["annual_income"].update(minimum=9))
        yield self._document(lambda inputs: inputs["properties"]["housing"]["enum"].pop())
        yield self._document(
            lambda inputs: inputs["properties"].update(
                annual_income={"anyOf": [inputs["properties"]["annual_income"], {"type": "null"}]}
            )
        )
        yield self._document(lambda request: request.pop("additionalProperties"), "DecisionRequest")
        yield self._document(lambda request: request["required"].clear(), "DecisionRequest")
        yield self._open

    @staticmethod
    def _open(path: str, answer: Answer) -> Answer:
        """Know how to ask for a token, and ask for none."""
        if path == "/openapi.json":
            (answer.body or {})["paths"]["/v1/decisions"]["post"].pop("security")
        return answer

    def _document(
        self, edit: Callable[[Any], Any], name: str = "Inputs", part: str = "schemas"
    ) -> Change:
        def change(path: str, answer: Answer) -> Answer:
            if path == "/openapi.json":
                assert answer.body
                edit(answer.body["components"][part][name])
            return answer

        return change


class Replayed:
    """A client that answers with what was said, changed."""

    def __init__(self, said: dict[str, Answer], change: Change) -> None:
        self._said, self._change, self._asked = said, change, 0

    def get(self, path: str) -> Answer:
        return self._change(path, copy.deepcopy(self._said[path]))

    def post(self, path: str, value: dict[str, Any]) -> Answer:
        self._asked += 1
        return self._change(f"{path}#{self._asked}", copy.deepcopy(self._said[json.dumps(value)]))


@fact(reads=["platform/src/redoubt/gates/**", "platform/src/redoubt/limits.py"])
def parity(released: Path, said: Path) -> Parity:
    return Parity(released, said)
