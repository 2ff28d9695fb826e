"""How the model is fitted: LightGBM in the place of the starter's library."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

from redoubt.model import Matrix

from .features import FEATURES

PARAMETERS: dict[str, object] = {
    "n_estimators": 90,
    "learning_rate": 0.06,
    "num_leaves": 8,
    "min_child_samples": 60,
    "reg_lambda": 1.0,
}


@dataclass(frozen=True)
class Boosted:
    """A fitted LightGBM classifier."""

    classifier: lightgbm.LGBMClassifier
    parameters: dict[str, object]

    def predict(self, X: Matrix) -> NDArray[np.float64]:
        """Return the probability of default of each row, shape (n,)."""
        return np.asarray(self.classifier.predict_proba(X)[:, 1], dtype=np.float64)

    def to_onnx(self) -> bytes:
        """Return the same model as ONNX: float32 (n, F) in, class probabilities (n, 2) out."""
        shape = [("features", FloatTensorType([None, len(FEATURES.names)]))]
        graph = convert_lightgbm(
            self.classifier, initial_types=shape, zipmap=False, target_opset=15
        )
        return bytes(graph.SerializeToString())


def fit(X: Matrix, y: NDArray[np.float64], seed: int) -> Boosted:
    """Fit on features (n, F) and outcomes (n,) of 0 and 1; the same seed gives the same model."""
    classifier = lightgbm.LGBMClassifier(
        monotone_constraints=list(FEATURES.monotone), random_state=seed, n_jobs=1, verbose=-1,
        deterministic=True, force_row_wise=True, **PARAMETERS,
    )  # fmt: skip
    return Boosted(classifier.fit(X, y), PARAMETERS | {"random_state": seed})
