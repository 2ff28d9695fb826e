"""The fact ``graphs``: ``graphs(name, model)`` gives an ONNX model changed in one way."""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper

from redoubt.proof import fact


def _external(model: onnx.ModelProto) -> None:
    tensor = onnx.numpy_helper.from_array(np.zeros(2, np.float32), "w")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="elsewhere.bin")
    model.graph.initializer.append(tensor)


def _node(operator: str, **options: str) -> Callable[[onnx.ModelProto], None]:
    made = helper.make_node(operator, ["features"], ["extra"], **options)
    return lambda model: model.graph.node.append(made)


CHANGES: dict[str, Callable[[onnx.ModelProto], None]] = {
    "healthy": lambda model: setattr(model, "doc_string", "another healthy model"),
    "operator of another domain": _node("Run", domain="com.elsewhere"),
    "random operator": _node("RandomNormalLike"),
    "data in another file": _external,
}


def changed(name: str, data: bytes) -> bytes:
    if name == "bytes that are no ONNX":
        return data + b"\xfa\x7f\x03abc"
    model = onnx.load_model_from_string(data)
    CHANGES[name](model)
    return bytes(model.SerializeToString())


@fact(reads=[])
def graphs() -> Callable[[str, bytes], bytes]:
    return changed
