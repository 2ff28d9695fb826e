"""The bare services that Redoubt's is compared with: the same model and features, nothing else.

Started as a program in a project folder: `python bare.py typed|direct PORT MODEL`, over TLS with the
project's own certificate. `typed` is what a tutorial shows: a typed body, a dictionary back. `direct`
skips the framework's parsing and serialising, as Redoubt's route does.
"""

import os
import sys
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import create_model

from redoubt import bundle, columns, inference, model
from redoubt.settings import Settings


def main(kind: str, port: int, folder: Path) -> None:
    """Serve until stopped."""
    settings = Settings()
    loaded, features = bundle.load(folder), model.load(settings.root).features
    scorer = inference.Scorer(loaded.model)
    fields: dict[str, Any] = {
        c.name: ((float if c.type in columns.NUMERIC else str) | None, None) for c in loaded.columns
    }
    Body = create_model("Body", inputs=(create_model("Inputs", **fields), ...))

    def score(inputs: Any) -> float:
        row = {c.name: columns.array(c.type, [getattr(inputs, c.name)]) for c in loaded.columns}
        return float(scorer.score(features(row))[0])

    app = FastAPI()

    @app.get("/readyz")
    async def ready() -> Response:
        return Response()

    async def typed(body: Body) -> dict[str, float]:  # type: ignore[valid-type]
        return {"score": score(body.inputs)}  # type: ignore[attr-defined]

    async def direct(request: Request) -> Response:
        body = Body.__pydantic_validator__.validate_json(await request.body())
        return Response(orjson.dumps({"score": score(body.inputs)}), media_type="application/json")

    if kind == "typed":
        app.post("/v1/decisions")(typed)
    else:
        app.router.add_route("/v1/decisions", direct, methods=["POST"])
    uvicorn.run(
        app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", access_log=False,
        log_level="warning", ssl_certfile=settings.tls_certificate, ssl_keyfile=settings.tls_key,
    )  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
