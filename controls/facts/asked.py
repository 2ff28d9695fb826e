"""The fact ``asked``: ``asked(reference)`` asks the application object for one decision; its status."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redoubt import admission, model, project
from redoubt.proof import fact
from redoubt.release import issuer
from redoubt.serving import app, loader
from redoubt.serving.sealing import plain_inputs
from redoubt.settings import Settings

if TYPE_CHECKING:
    from facts.verdicts import Verdicts


@fact(reads=["platform/src/redoubt/*.py", "platform/src/redoubt/serving/**"])
def asked(
    released: Path, copy_of: Callable[[Path], Path], verdicts: Verdicts
) -> Iterator[Callable[[str], int]]:
    settings = Settings(root=copy_of(released))
    facts, digest = project.load(settings.root), loader.wanted(settings, None)
    admitted = admission.admit(settings, facts, digest, candidate=False)
    made = app.create_app(settings, facts, admitted, model.load(settings.root))
    token = issuer.mint(settings, "loan-app").encode()

    def ask(reference: str) -> int:
        body = (
            b'{"inputs":' + plain_inputs(verdicts.row) + b',"reference":"%s"}' % reference.encode()
        )
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "path": "/v1/decisions",
            "raw_path": b"/v1/decisions", "query_string": b"", "root_path": "", "scheme": "https",
            "headers": [(b"authorization", b"Bearer " + token)], "client": ("192.0.2.1", 1),
            "server": ("x", 1), "asgi": {"version": "3.0"},
        }  # fmt: skip
        asyncio.run(made(scope, receive, send))
        return int(sent[0]["status"])

    yield ask
    made.state.parts.log.close()
