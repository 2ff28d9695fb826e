"""Scan a model file before it is registered: an ONNX graph of standard operators and nothing else.

The first line is the allow-list: whatever is not ONNX or JSON by name *and* content is refused.
picklescan is a second line; scanners miss payloads, so nothing depends on it alone.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator, Mapping

import onnx
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from redoubt import formats
from redoubt.errors import Refused
from redoubt.limits import Limits

# Control flow can run for ever and random operators give another score each time.
DENIED = frozenset({"If", "Loop", "Scan", "SequenceMap", "RandomNormal", "RandomNormalLike",
                    "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"})  # fmt: skip
REMEDY = "export the model with the recipe's to_onnx, with standard operators and data inside"


# control: SUP-05
def scan(contents: Mapping[str, bytes], rules: Limits) -> None:
    """Refuse a bundle's files unless each is an allowed, harmless format. Raises Refused."""
    largest = rules.number("format", "model_megabytes") * (1 << 20)
    for name, data in contents.items():
        formats.check(name, data)
        if len(data) > largest:
            raise Refused(f"{name} has {len(data) >> 20} MiB; {largest / (1 << 20):g} are allowed.",
                          remedy="make the model smaller")  # fmt: skip
        _no_pickle(name, data)
        if name.endswith(".onnx"):
            _graph(name, data, rules.lists["domains"])


def _no_pickle(name: str, data: bytes) -> None:
    """Ask picklescan about whatever it can read as a pickle or an archive of pickles."""
    from picklescan.scanner import scan_bytes

    logging.getLogger("picklescan").setLevel(logging.CRITICAL)
    try:
        result = scan_bytes(io.BytesIO(data), name)
    except Exception as error:  # the scanner parses hostile bytes; a crash of it means no
        raise Refused(
            f"{name} cannot be scanned ({type(error).__name__}).", remedy=REMEDY
        ) from error
    if result.globals or result.issues_count:
        found = ", ".join(sorted(f"{item.module}.{item.name}" for item in result.globals)[:3])
        raise Refused(f"{name} holds a pickle that imports {found}.", remedy=REMEDY)


def _graph(name: str, data: bytes, domains: Iterable[str]) -> None:
    try:
        model = onnx.load_model_from_string(data)
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # onnx and protobuf raise untyped exceptions on hostile bytes
        raise Refused(f"{name} is not a valid ONNX model.", remedy=REMEDY) from error
    if model.functions or model.training_info:
        raise Refused(f"{name} brings functions or training steps of its own.", remedy=REMEDY)
    allowed = {*domains, "" if "ai.onnx" in domains else "ai.onnx"}
    for item in _messages(model):
        _message(name, item, allowed)


# control: SUP-05
def _message(name: str, item: Message, domains: set[str]) -> None:
    if len(UnknownFieldSet(item)):
        raise Refused(f"{name} holds bytes that are no part of ONNX.", remedy=REMEDY)
    if isinstance(item, onnx.OperatorSetIdProto | onnx.NodeProto) and item.domain not in domains:
        raise Refused(f"{name} needs operators of {item.domain!r}.", remedy=REMEDY)
    if isinstance(item, onnx.NodeProto) and item.op_type in DENIED:
        raise Refused(f"{name} uses the operator {item.op_type}.", remedy=REMEDY)
    if isinstance(item, onnx.TensorProto) and (
        item.external_data or item.data_location == onnx.TensorProto.EXTERNAL
    ):
        raise Refused(f"{name} reads data from another file.", remedy=REMEDY)


def _messages(message: Message) -> Iterator[Message]:
    """Yield a protobuf message and all messages in it, subgraphs and attributes included."""
    yield message
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for item in value if field.is_repeated else (value,):
                yield from _messages(item)
