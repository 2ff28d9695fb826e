"""Request and response models, made from the bundle's columns, so that no contract is written twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from redoubt.bundle import RequestColumn
from redoubt.serving.policy import Action

MAX_TEXT = 256
# control: SRV-03
Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
# control: SRV-03
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class InvalidRequest(Exception):
    """The request does not fit the contract; ``fields`` holds names of the contract only."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__("the request does not fit the contract")
        self.fields = fields


class Closed(BaseModel):
    """A response whose fields are fixed."""

    model_config = ConfigDict(extra="forbid")


class Finding(Closed):
    """What the guard noticed; ``field`` is null when no single input is to blame."""

    kind: Literal["unseen_level", "out_of_range", "out_of_support", "not_computable",
                  "approval_expired"]  # fmt: skip
    field: str | None


class Reason(Closed):
    """One principal reason of this case: the feature and its plain words."""

    feature: str
    text: str


class DecisionResponse(Closed):
    """The answer. Score and band are null when a person must look (refer) or none is given (refuse)."""

    decision_id: str
    model: str
    score: float | None
    band: str | None
    action: Action
    findings: list[Finding]
    reasons: list[Reason]


class ModelResponse(Closed):
    """Which model answers, and the approval that it runs on."""

    model: str
    project: str
    tier: int
    state: Literal["promoted", "candidate"]
    run: str
    approved_by: str
    approval_expires: str
    approval_expired: bool


class Problem(Closed):
    """Every error body: a fixed word and, for a request that does not fit, names of the contract."""

    error: str
    fields: list[str] = []


# control: SRV-03
def inputs_model(columns: Sequence[RequestColumn]) -> type[BaseModel]:
    """Return the strict model of ``inputs``: the contract's types, ranges and levels."""
    fields: dict[str, Any] = {column.name: _field(column) for column in columns}
    return create_model("Inputs", __config__=STRICT, **fields)


def request_model(columns: Sequence[RequestColumn]) -> type[BaseModel]:
    """Return the model of a whole request: one applicant and an optional reference of the client."""
    return create_model(
        "DecisionRequest",
        __config__=STRICT,
        inputs=(inputs_model(columns), ...),
        reference=(Reference | None, Field(None, description="the client's own id; no name in it")),
    )


def _field(column: RequestColumn) -> tuple[Any, Any]:
    kind = _type(column)
    if column.missing:
        return (kind | None, Field(None, description=column.meaning))
    return (kind, Field(description=column.meaning))


# control: SRV-03
def _type(column: RequestColumn) -> Any:
    if column.type == "category":
        return Literal[column.levels]
    if column.type == "text":
        return Annotated[str, Field(max_length=MAX_TEXT)]
    if column.type == "date":
        return date
    number: Any = int if column.type == "integer" else float
    return Annotated[number, Field(ge=column.low, le=column.high)]


# control: SRV-03
def invalid(error: ValidationError, names: Mapping[str, object]) -> InvalidRequest:
    """Turn a validation error into contract names; what the caller wrote itself is left out."""
    found = {str(part) for item in error.errors(include_url=False, include_input=False,
             include_context=False) for part in item["loc"] if part in names}  # fmt: skip
    return InvalidRequest(tuple(sorted(found)))
