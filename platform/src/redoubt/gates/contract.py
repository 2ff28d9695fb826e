"""The API contract that a bundle implies, written out again here so that the service is held to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from redoubt.bundle import RequestColumn

DECISIONS = "/v1/decisions"
TYPES = {"number": "number", "integer": "integer", "category": "string", "text": "string",
         "date": "string"}  # fmt: skip
ANSWER = ("decision_id", "model", "score", "band", "action", "findings", "reasons")
Schema = Mapping[str, Any]


# control: GATE-09
def breaches(document: Schema, columns: Sequence[RequestColumn]) -> tuple[str, ...]:
    """Return one sentence for each difference between an OpenAPI document and the bundle's inputs."""
    try:
        post = document["paths"][DECISIONS]["post"]
        request = _body(document, post["requestBody"])
        answer = _body(document, post["responses"]["200"])
    except (KeyError, TypeError) as error:
        return (f"the service describes no POST {DECISIONS} ({error})",)
    return (
        *_security(document, post),
        *_inputs(document, request, columns),
        *(f"the answer has no {name}" for name in ANSWER if name not in answer["properties"]),
    )


# control: GATE-09
def _security(document: Schema, post: Schema) -> Iterator[str]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    named = [name for item in post.get("security", ()) for name in item]
    if not any(schemes.get(name, {}).get("scheme") == "bearer" for name in named):
        yield f"POST {DECISIONS} does not ask for a bearer token"


# control: GATE-09
def _inputs(document: Schema, request: Schema, columns: Sequence[RequestColumn]) -> Iterator[str]:
    if "inputs" not in request.get("required", ()):
        yield "inputs are not required"
    inputs = _resolve(document, request["properties"].get("inputs", {}))
    for what, schema in (("the request", request), ("inputs", inputs)):
        if schema.get("additionalProperties") is not False:
            yield f"{what} may hold unknown fields"
    described = inputs.get("properties", {})
    names = {column.name for column in columns}
    yield from (f"the service asks for {name!r}, the bundle does not"
                for name in sorted(set(described) - names))  # fmt: skip
    for column in columns:
        if column.name not in described:
            yield f"the service does not ask for {column.name!r}"
        elif found := _difference(_resolve(document, described[column.name]), column,
                                  column.name in inputs.get("required", ())):  # fmt: skip
            yield f"{column.name}: {found}"


# control: GATE-09
def _difference(schema: Schema, column: RequestColumn, required: bool) -> str:
    kinds = schema.get("anyOf", [schema])
    present = [kind for kind in kinds if kind.get("type") != "null"]
    optional = len(present) < len(kinds)
    if optional != column.missing or required == column.missing:
        return "may be absent" if optional or not required else "must be present"
    if len(present) != 1 or present[0].get("type") != TYPES[column.type]:
        return f"is {[kind.get('type') for kind in present]}, not {TYPES[column.type]}"
    if column.type in ("number", "integer"):
        shown = (present[0].get("minimum"), present[0].get("maximum"))
        if shown != (column.low, column.high):
            return f"takes {shown[0]}..{shown[1]}, not {column.low}..{column.high}"
    if column.type == "category":
        levels = present[0].get("enum", [present[0].get("const")])
        if sorted(map(str, levels)) != sorted(column.levels):
            return f"takes {levels}, not {list(column.levels)}"
    return ""


def _body(document: Schema, part: Schema) -> Schema:
    schema: Schema = part["content"]["application/json"]["schema"]
    found = _resolve(document, schema)
    found["properties"]  # an answer without fields is no contract: KeyError
    return found


def _resolve(document: Schema, schema: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Any = document
    for part in str(reference).removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
