"""The fact ``said``: what the released service answers to every golden row and about itself."""

import json
import time
from pathlib import Path

from redoubt import admission, bundle
from redoubt.proof import fact
from redoubt.serving import loader
from redoubt.settings import Settings


@fact(reads=["platform/src/redoubt/serving/**"])
def said(released: Path, service, work: Path) -> None:
    settings = Settings(root=released)
    promoted = loader.wanted(settings, None)
    golden = bundle.load(admission.folder(settings, promoted)).golden.inputs
    rows = [dict(zip(golden, values, strict=True)) for values in zip(*golden.values(), strict=True)]
    token, answers = service.token("loan-app"), {}
    for path in ("/v1/model", "/openapi.json"):
        answers[path] = [200, service.get(path, token).json(), 0.0]
    for number, row in enumerate(rows):
        start = time.perf_counter()
        answer = service.post({k: v for k, v in row.items() if v is not None}, token=token)
        answers[str(number)] = [answer.status, answer.json(), time.perf_counter() - start]
    (work / "answers.json").write_text(json.dumps(answers))
