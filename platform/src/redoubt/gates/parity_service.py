"""The service parity gate: does the running service decide as the approved bundle would?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redoubt.bundle import Bands, Bundle
from redoubt.gates import client as http
from redoubt.gates import contract
from redoubt.gates.candidate import Candidate, Judgement, exact
from redoubt.gates.client import Answer, Client
from redoubt.gates.parity_onnx import offline_scores
from redoubt.records import Limit, Metric

VERSION, OPENAPI = "/v1/model", "/openapi.json"
REQUESTS, CONNECTIONS = 240, 4  # below what one subject may ask for in a burst
WITHHELD = ("refer", "refuse")


# control: GATE-09
def judge(candidate: Candidate, limits: Mapping[str, Limit]) -> Judgement:
    """Score the golden set through the service over TLS and hold it to contract and latency.

    Raises LookupError when no service was given, Unavailable when it does not answer.
    """
    if candidate.service is None:
        raise LookupError("no running service was given")
    with http.Http(candidate.service) as client:
        return compare(candidate, client)


def compare(candidate: Candidate, client: Client) -> Judgement:
    """Return what a client of the service measured."""
    bundle, requests = candidate.bundle, golden_requests(candidate.bundle)
    answers = [client.post(contract.DECISIONS, request) for request in requests]
    scores, wrong = parity(bundle, offline_scores(candidate), answers)
    breaches = contract.breaches(client.get(OPENAPI).body or {}, bundle.columns)
    measured = scores | {"contract_breaches": exact(len(breaches), len(bundle.columns))}
    load = http.load(
        client, contract.DECISIONS, list(islice(cycle(requests), REQUESTS)), CONNECTIONS
    )
    refusals = (*_version(bundle, client.get(VERSION)), *wrong, *breaches[:5])
    return Judgement(measured | latency(load), refusals)


def golden_requests(bundle: Bundle) -> list[dict[str, Any]]:
    """Return the golden rows as requests; a value that may be absent and is, stays out."""
    inputs = bundle.golden.inputs
    rows = [dict(zip(inputs, values, strict=True)) for values in zip(*inputs.values(), strict=True)]
    return [{"inputs": {name: value for name, value in row.items() if value is not None}}
            for row in rows]  # fmt: skip


# control: GATE-09
def parity(
    bundle: Bundle, offline: NDArray[np.float64], answers: Sequence[Answer]
) -> tuple[dict[str, Metric], tuple[str, ...]]:
    """Return measures and refusals of the golden answers.

    A shown score is rounded to d digits, so it may lie half a unit of digit d from the offline one
    plus the golden tolerance; ``score_gap`` is what lies beyond. It must be a rounded number, its
    band must be the one it falls into, and a row that the guard withholds must show neither.
    """
    slack = 0.5 * 10.0**-bundle.bands.digits + bundle.golden.tolerance
    shown, wrong = _shown(bundle, answers)
    gaps = [abs(score - offline[row]) - slack for row, score in shown.items()]
    beyond = max([0.0, *gaps]) if gaps else 1.0
    n = len(answers)
    withheld = sum((answer.body or {}).get("action") in WITHHELD for answer in answers)
    measured = {
        "rows_compared": exact(len(shown), n),
        "withheld_share": exact(withheld / n, n),
        "score_gap": exact(beyond, n),
    }
    return measured, wrong


def _shown(bundle: Bundle, answers: Sequence[Answer]) -> tuple[dict[int, float], tuple[str, ...]]:
    """Return row -> shown score, and a sentence for each answer that is not as promised."""
    shown, wrong = {}, []
    for row, answer in enumerate(answers):
        found = answer.body or {}
        if said := _odd(bundle, answer.status, found):
            wrong.append(f"golden row {row}: {said}")
        elif found["score"] is not None:
            shown[row] = float(found["score"])
    return shown, tuple(wrong[:5])


# control: GATE-09
def _odd(bundle: Bundle, status: int, found: Mapping[str, Any]) -> str:
    score, band = found.get("score"), found.get("band")
    if status != 200:
        return f"status {status}"
    if found.get("model") != bundle.digest:
        return f"answered by model {found.get('model')}"
    if found.get("action") in WITHHELD:
        return "" if score is None and band is None else "withheld, yet it shows a score"
    if not isinstance(score, float | int) or score != round(score, bundle.bands.digits):
        return f"score {score!r} is not rounded to {bundle.bands.digits} digits"
    return "" if band == _band(bundle.bands, score) else f"band {band!r} for score {score}"


def _band(bands: Bands, score: float) -> str:
    return bands.names[min(bisect_right(bands.edges, score), len(bands.names) - 1)]


# control: GATE-09
def _version(bundle: Bundle, answer: Answer) -> Iterator[str]:
    said = (answer.body or {}).get("model")
    if answer.status != 200 or said != bundle.digest:
        yield f"the service says it runs model {said} (status {answer.status})"


# control: GATE-09
def latency(answers: Sequence[Answer]) -> dict[str, Metric]:
    """Return how the load went: requests, errors and the 95th percentile of the time to answer.

    Bounds of the percentile are order statistics (Conover, Practical Nonparametric Statistics, 3rd
    ed. 1999, 3.2): ranks where the binomial(n, 0.95) distribution reaches 0.025 and 0.975.
    """
    from scipy.stats import binom

    n = len(answers)
    times = np.sort([answer.seconds * 1000 for answer in answers])
    middle, low, high = (int(rank) for rank in (0.95 * n, *binom.ppf([0.025, 0.975], n, 0.95)))
    top = n - 1
    return {
        "load_requests": exact(n, n),
        "load_errors": exact(sum(answer.status != 200 for answer in answers), n),
        "p95_milliseconds": Metric(
            value=times[min(middle, top)], low=times[min(low, top)], high=times[min(high, top)], n=n
        ),
    }
