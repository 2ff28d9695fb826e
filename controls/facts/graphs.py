"""The fact ``graphs``: ``graphs(name, model)`` gives an ONNX model changed in one way."""

from collections.abc import Callable, Iterator

import numpy as np
import onnx
from onnx import TensorProto, helper

from redoubt.proof import fact

FOREIGN = b"\xfa\x7f\x03abc"  # a field that ONNX does not have


def _external(model: onnx.ModelProto) -> None:
    tensor = onnx.numpy_helper.from_array(np.zeros(2, np.float32), "w")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="elsewhere.bin")
    model.graph.initializer.append(tensor)


def _external_in_a_node(model: onnx.ModelProto) -> None:
    tensor = onnx.numpy_helper.from_array(np.zeros(2, np.float32), "w")
    tensor.external_data.add(key="location", value="elsewhere.bin")
    model.graph.node.append(helper.make_node("Constant", [], ["extra"], value=tensor))


def _function(model: onnx.ModelProto) -> None:
    opsets = [helper.make_opsetid("", 18)]
    body = [helper.make_node("Identity", ["a"], ["b"])]
    model.functions.append(helper.make_function("ai.onnx.ml", "Own", ["a"], ["b"], body, opsets))


def _training(model: onnx.ModelProto) -> None:
    model.training_info.add().initialization.name = "steps"


def _foreign_bytes_inside(model: onnx.ModelProto) -> None:
    model.graph.MergeFromString(FOREIGN)


def _node(operator: str, **options: str) -> Callable[[onnx.ModelProto], None]:
    made = helper.make_node(operator, ["features"], ["extra"], **options)
    return lambda model: model.graph.node.append(made)


CHANGES: dict[str, Callable[[onnx.ModelProto], None]] = {
    "healthy": lambda model: setattr(model, "doc_string", "another healthy model"),
    "operator of another domain": _node("Run", domain="com.elsewhere"),
    "random operator": _node("RandomNormalLike"),
    "data in another file": _external,
    "data in another file, named in a node": _external_in_a_node,
    "function of its own": _function,
    "training steps of its own": _training,
    "foreign bytes inside": _foreign_bytes_inside,
    "input that is not there": lambda model: model.graph.node.append(
        helper.make_node("Identity", ["nowhere"], ["extra"])
    ),
}


class Graphs:
    """``graphs(name, model)`` gives the model changed in one way; all but the healthy one attack."""

    ENDLESS = frozenset({"If", "Loop", "Scan", "SequenceMap"})
    RANDOM = frozenset({"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
                        "Multinomial", "Bernoulli"})  # fmt: skip

    def __call__(self, name: str, data: bytes) -> bytes:
        model = onnx.load_model_from_string(data)
        CHANGES[name](model)
        return bytes(model.SerializeToString())

    def attacks(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the name of each attack and the model that carries it."""
        for name in CHANGES.keys() - {"healthy"}:
            yield name, self(name, data)
        yield "bytes that are no ONNX", data + FOREIGN


@fact(reads=[])
def graphs() -> Graphs:
    return Graphs()
