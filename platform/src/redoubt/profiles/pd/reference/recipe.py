"""How the model is fitted: gradient boosting whose risk only moves the way TABLE allows.

Any library will do, as long as ``fit`` returns something with ``predict``, ``to_onnx`` and
``parameters``. Only training imports this file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import HistGradientBoostingClassifier

from redoubt.model import Matrix

from .features import FEATURES

PARAMETERS: dict[str, object] = {
    "learning_rate": 0.06,
    "max_iter": 80,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 60,
    "l2_regularization": 1.0,
    "early_stopping": False,
}


@dataclass(frozen=True)
class Boosted:
    """A fitted booster. Missing values need no treatment: each split learns where they go."""

    classifier: HistGradientBoostingClassifier
    parameters: dict[str, object]

    def predict(self, X: Matrix) -> NDArray[np.float64]:
        """Return the probability of default of each row, shape (n,)."""
        return np.asarray(self.classifier.predict_proba(X)[:, 1], dtype=np.float64)

    def to_onnx(self) -> bytes:
        """Return the same model as ONNX: float32 (n, F) in, class probabilities (n, 2) out."""
        shape = [("features", FloatTensorType([None, len(FEATURES.names)]))]
        graph = convert_sklearn(
            self.classifier,
            "score",
            initial_types=shape,
            options={"zipmap": False},
            target_opset=18,
        )
        del graph.graph.output[:-1]  # the label, a threshold at 0.5 that nobody should use
        return bytes(graph.SerializeToString())


def fit(X: Matrix, y: NDArray[np.float64], seed: int) -> Boosted:
    """Fit on features (n, F) and outcomes (n,) of 0 and 1; the same seed gives the same model."""
    classifier = HistGradientBoostingClassifier(
        monotonic_cst=list(FEATURES.monotone), random_state=seed, **PARAMETERS
    )
    return Boosted(classifier.fit(X, y), PARAMETERS | {"random_state": seed})
