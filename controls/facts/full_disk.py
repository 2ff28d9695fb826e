"""The fact ``full_disk``: what a service answers before, while and after its log cannot be written."""

import asyncio
import os
import tempfile
from pathlib import Path
from unittest import mock

from redoubt import admission, model
from redoubt import project as projects
from redoubt.identity import Identity
from redoubt.proof import fact
from redoubt.serving import app, loader
from redoubt.serving.problems import Turned
from redoubt.serving.sealing import plain_inputs
from redoubt.settings import Settings

CALLER = Identity("loan-app", "issuer", frozenset(), frozenset({"score"}), 0.0)
Answer = tuple[int, bool]  # HTTP status, ready


@fact(
    reads=[
        "platform/src/redoubt/serving/**",
        "platform/src/redoubt/chain.py",
        "platform/src/redoubt/admission.py",
    ]
)
def full_disk(released: Path) -> tuple[Answer, Answer, Answer]:
    with tempfile.TemporaryDirectory() as name:
        settings, own = Settings(root=released), {"state": "var", "checkpoints": "second"}
        digest = loader.wanted(settings, None)
        facts = projects.load(released)
        admitted = admission.admit(settings, facts, digest, candidate=False)
        elsewhere = settings.model_copy(update={key: Path(name) / at for key, at in own.items()})
        parts = app.assemble(elsewhere, facts, admitted, model.load(released))
        before = _ask(parts)
        with mock.patch("os.fdatasync", side_effect=OSError(28, os.strerror(28))):
            during = _ask(parts)
        return before, during, _ask(parts)


def _ask(parts: app.Parts) -> Answer:
    golden = parts.admitted.bundle.golden.inputs
    body = b'{"inputs":' + plain_inputs({name: row[0] for name, row in golden.items()}) + b"}"
    try:
        asyncio.run(parts.decider.decide(body, CALLER))
    except Turned as turned:
        return turned.status, parts.health.ready
    return 200, parts.health.ready
