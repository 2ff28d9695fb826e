"""Load from wrk on core 1: closed loop, kept connections, the same applicants for every server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tests.bench.place import HOME, Place
from tests.bench.servers import CLIENT_CORE, Server

from redoubt import admission, bundle, columns, model
from redoubt.release import issuer
from redoubt.serving import loader

SUBJECTS, ROWS = 64, 50
SCRIPT = """\
local bodies, tokens, n = {bodies}, {tokens}, 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  n = n + 1
  wrk.headers["Authorization"] = tokens[n % #tokens + 1]
  return wrk.format(nil, "{path}", nil, bodies[n % #bodies + 1])
end
"""
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True)
class Slice:
    """One slice of load: requests a second, milliseconds at p50 and p99, CPU µs a request."""

    rate: float
    p50: float
    p99: float
    cpu: float


def prepare(place: Place) -> None:
    """Write wrk's scripts: golden rows in which nothing is missing, tokens of 64 callers.

    MLflow's server refuses a row with a missing feature, so no server is given one.
    """
    settings = place.settings
    digest = loader.wanted(settings, None)
    found = bundle.load(admission.folder(settings, digest))
    kinds = {column.name: column.type for column in found.columns}
    features = model.load(place.root).features
    matrix = features(columns.arrays(kinds, found.golden.inputs))
    whole = np.flatnonzero(~np.isnan(matrix).any(axis=1))[:ROWS].tolist()
    rows = [{name: found.golden.inputs[name][index] for name in kinds} for index in whole]
    tokens = [
        "Bearer " + issuer.mint(settings, f"bench-{n}", scope="score") for n in range(SUBJECTS)
    ]
    _write("/v1/decisions", [json.dumps({"inputs": row}) for row in rows], tokens)
    names = list(found.manifest.features)
    bodies = [json.dumps({"dataframe_split": {"columns": names, "data": [matrix[index].tolist()]}})
              for index in whole]  # fmt: skip
    _write("/invocations", bodies, [""])


def _write(path: str, bodies: list[str], tokens: list[str]) -> None:
    text = SCRIPT.replace("{path}", path)
    for name, values in (("bodies", bodies), ("tokens", tokens)):
        text = text.replace(f"{{{name}}}", "{" + ",".join(map(_lua, values)) + "}")
    script(path).write_text(text)


def _lua(text: str) -> str:
    return f"[==[{text}]==]"


def script(path: str) -> Path:
    """Return the file of the script for a path."""
    return HOME / f"{path.strip('/').replace('/', '-')}.lua"


def slice_of(server: Server, connections: int, seconds: int) -> Slice:
    """Load a server once. Raises SystemExit when any answer was not 2xx: then nothing is measured."""
    before = server.used()
    done = subprocess.run(
        ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
         "--latency", "-s", str(script(server.path)), server.url],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    used, found = server.used() - before, parse(done.stdout)
    if done.returncode or not found["requests"] or found["bad"]:
        sys.exit(f"{server.name}: {found['bad']} of {found['requests']} answers were not 2xx\n"
                 f"{done.stdout}{done.stderr}")  # fmt: skip
    return Slice(found["rate"], found["p50"], found["p99"], used / found["requests"] * 1e6)


def parse(text: str) -> dict[str, Any]:
    """Read wrk's report."""

    def number(pattern: str) -> float:
        found = re.search(pattern, text)
        return float(found[1]) if found else 0.0

    def milliseconds(percent: int) -> float:
        found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)\b", text)
        return float(found[1]) * UNITS[found[2]] if found else 0.0

    errors = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text
    )
    return {
        "requests": int(number(r"(\d+) requests in")),
        "rate": number(r"Requests/sec:\s+([\d.]+)"),
        "bad": int(number(r"Non-2xx or 3xx responses: (\d+)"))
        + (sum(map(int, errors.groups())) if errors else 0),
        "p50": milliseconds(50),
        "p99": milliseconds(99),
    }
