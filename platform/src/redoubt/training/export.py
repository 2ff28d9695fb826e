"""The exported graph: well formed, standard operators only, and as good as the recipe itself."""

from __future__ import annotations

import numpy as np

from redoubt.errors import BadInput, Refused
from redoubt.inference import Scorer
from redoubt.model import Fitted, Matrix

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
TOLERANCE = 1e-5
REMEDY = "correct to_onnx in recipe.py; `TOLERANCE` is what single precision may differ by"


# control: GATE-09
def graph(fitted: Fitted, X: Matrix) -> bytes:
    """Return the model's ONNX bytes, checked and compared with the recipe on rows ``X`` (n, F).

    Raises BadInput when it is no well-formed graph of standard operators, Refused when a score
    differs from the recipe's by more than TOLERANCE.
    """
    data = fitted.to_onnx()
    _well_formed(data)
    own, exported = fitted.predict(X), Scorer(data).score(X)
    if exported.shape != own.shape or not np.isfinite(exported).all():
        raise Refused(f"The ONNX graph gives {exported.shape} scores for {own.shape}, or NaN.",
                      remedy=REMEDY)  # fmt: skip
    gap = float(np.abs(exported - own).max())
    if gap > TOLERANCE:
        raise Refused(f"The ONNX graph's scores differ from the recipe's by up to {gap:.2g}.",
                      remedy=REMEDY)  # fmt: skip
    return data


def _well_formed(data: bytes) -> None:
    import onnx

    try:
        model = onnx.load_from_string(data)
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # protobuf, checker and shape inference raise types of their own
        raise BadInput(f"to_onnx did not return an ONNX model ({type(error).__name__}).",
                       remedy=REMEDY) from error  # fmt: skip
    foreign = sorted({node.domain for node in model.graph.node} - DOMAINS)
    if foreign or model.functions:
        raise BadInput(f"The ONNX model uses operators of {foreign or 'its own functions'}.",
                       remedy="export with standard operators only")  # fmt: skip
    if any(tensor.external_data for tensor in model.graph.initializer):
        raise BadInput("The ONNX model keeps weights in other files.",
                       remedy="export one file with all weights inside")  # fmt: skip
