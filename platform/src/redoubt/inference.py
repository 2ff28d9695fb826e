"""Run an ONNX model: raw bytes in, one score a row out. No training library is needed."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from redoubt.errors import Refused
from redoubt.model import Matrix


class Scorer:
    """One onnxruntime session on one thread; the event loop, not the model, is the unit of scale."""

    def __init__(self, model: bytes) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own untyped exceptions
            raise Refused("The model is not an ONNX graph that can run.",
                          remedy="export it with the recipe's to_onnx") from error  # fmt: skip
        self._input = self._session.get_inputs()[0].name
        self._output = [self._session.get_outputs()[-1].name]

    def score(self, matrix: Matrix) -> NDArray[np.float64]:
        """Return the (n,) scores of an (n, F) float32 matrix."""
        result = np.asarray(self._session.run(self._output, {self._input: matrix})[0])
        if result.ndim == 2:
            result = result[:, -1]
        return result.astype(np.float64)
