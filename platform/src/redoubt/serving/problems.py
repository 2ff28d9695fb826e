"""Every answer that is not a success: one fixed body a status, never anything the caller sent."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.responses import Response

WORDS = {
    400: "bad_request",
    401: "authentication_required",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_too_slow",
    413: "request_too_large",
    422: "invalid_request",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Turned(Exception):
    """The request is turned away with a status and, for 422, names of the contract."""

    def __init__(
        self, status: int, *, fields: tuple[str, ...] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(WORDS[status])
        self.status = status
        self.fields = fields
        self.headers = headers or {}


def response(
    status: int, fields: tuple[str, ...] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """Return the fixed answer of a status; an unknown one is answered as 400 or 500."""
    known = status if status in WORDS else 400 if status < 500 else 500
    extra = {"www-authenticate": "Bearer"} if known == 401 else {}
    body = orjson.dumps({"error": WORDS[known], "fields": fields})
    return Response(body, known, HEADERS | extra | dict(headers or {}), "application/json")
