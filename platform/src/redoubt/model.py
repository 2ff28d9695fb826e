"""The seam: what a team writes and the platform runs. Importing this needs numpy only.

A team's ``model.py`` exports ``MODEL = Model(schema, features, recipe, reasons)``. Schema, features
and reasons also run in the serving environment, which has no training library; the recipe is
therefore named (``"package.recipe:fit"``), and imported only when training.
"""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from redoubt import digests
from redoubt.errors import BadInput

Columns = Mapping[str, NDArray[np.generic]]
Matrix = NDArray[np.float32]
Kind = Literal["number", "integer", "category", "date", "text"]
Classification = Literal["public", "internal", "personal", "special"]
SEAM = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Column:
    """One column: its type, allowed range or levels, meaning and classification.

    ``protected`` columns (sex, age group, …) are kept apart: never in requests or features.
    ``missing`` says whether a value may be absent; ``monotone`` is the direction a recipe may use.
    """

    name: str
    kind: Kind
    meaning: str
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    missing: bool = False
    classification: Classification = "internal"
    protected: bool = False


@dataclass(frozen=True)
class Schema:
    """All columns of a dataset, and which one is the target, the time and the key."""

    columns: tuple[Column, ...]
    target: str
    time: str
    key: str

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        double = sorted({name for name in names if names.count(name) > 1})
        if double:
            raise BadInput(f"Schema names {double} twice.", remedy="give each column one name")
        for role in (self.target, self.time, self.key):
            if role not in names:
                raise BadInput(f"Schema has no column {role!r}.", remedy="add it to columns")

    @property
    def inputs(self) -> tuple[Column, ...]:
        """Return what a request holds: no target, time, key or protected column."""
        apart = {self.target, self.time, self.key}
        return tuple(c for c in self.columns if c.name not in apart and not c.protected)

    def column(self, name: str) -> Column:
        """Return the column of that name. Raises KeyError."""
        return {column.name: column for column in self.columns}[name]


@dataclass(frozen=True)
class Features:
    """A pure numpy function from input columns, each of shape (n,), to an (n, F) float32 matrix.

    ``names`` has length F; ``monotone`` gives -1, 0 or 1 a feature (risk falls, free, rises).
    """

    names: tuple[str, ...]
    compute: Callable[[Columns], Matrix]
    monotone: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        odd = [value for value in self.monotone if value not in (-1, 0, 1)]
        if odd or len(self.monotone) not in (0, len(self.names)):
            raise BadInput(
                f"Features.monotone={self.monotone} is not -1, 0 or 1 for each of "
                f"{len(self.names)} features.",
                remedy="give -1 where the risk falls with the feature, 1 where it rises, else 0",
            )

    def __call__(self, columns: Columns) -> Matrix:
        """Compute the matrix. Raises BadInput when its shape or type is not as declared."""
        matrix = self.compute(columns)
        if matrix.dtype != np.float32 or matrix.ndim != 2 or matrix.shape[1] != len(self.names):
            raise BadInput(
                f"features returned {matrix.dtype} {matrix.shape}, declared float32 "
                f"(n, {len(self.names)}).",
                remedy="return one float32 column for each name",
            )
        return matrix


class Fitted(Protocol):
    """What a recipe's ``fit`` returns."""

    def predict(self, X: Matrix) -> NDArray[np.float64]:
        """Return the score of each row, shape (n,); for PD a probability in [0, 1]."""

    def to_onnx(self) -> bytes:
        """Return an ONNX model: one float32 input (n, F), whose LAST output is the score.

        The output is (n,), (n, 1) or class probabilities (n, 2) (column 1 is then the score).
        """

    @property
    def parameters(self) -> Mapping[str, object]:
        """Return what was fitted with, for the run record (JSON values)."""


Fit = Callable[[Matrix, NDArray[np.float64], int], Fitted]


@dataclass(frozen=True)
class Model:
    """The whole seam of one project."""

    schema: Schema
    features: Features
    recipe: str
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = [name for name in self.features.names if name not in self.reasons]
        if missing:
            raise BadInput(
                f"reasons has no words for {missing}.",
                remedy="describe every feature in reasons.py, as a customer would read it",
            )

    def fit(self) -> Fit:
        """Import and return the recipe's fit function."""
        return cast(Fit, _resolve(self.recipe))


def _resolve(target: str) -> object:
    if not SEAM.fullmatch(target):
        raise BadInput(f"{target!r} is not 'module:name'.", remedy="write package.module:name")
    module, _, name = target.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise BadInput(
            f"{target} cannot be imported: {error}.",
            remedy="check [tool.redoubt] model and the file it names; `redoubt doctor` shows more",
        ) from error


def seam(root: Path) -> str:
    """Return ``[tool.redoubt] model`` of a project, such as ``credit.model:MODEL``."""
    try:
        table = tomllib.loads((root / "pyproject.toml").read_text())
        return str(table["tool"]["redoubt"]["model"])
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise BadInput(
            f"{root} is not a Redoubt project: no [tool.redoubt] model in pyproject.toml.",
            remedy="run the command in the project's own folder",
        ) from error


def load(root: Path) -> Model:
    """Import the project's MODEL with ``<root>/src`` first on the path."""
    source = str(root / "src")
    if sys.path[:1] != [source]:
        sys.path.insert(0, source)
    found = _resolve(seam(root))
    if not isinstance(found, Model):
        raise BadInput(f"{seam(root)} is a {type(found).__name__}.", remedy="export a Model")
    return found


def serving_code(model: Model) -> dict[str, str]:
    """Return path -> digest of the team code that serving runs: the seam's package, no recipe.

    Paths are relative to the package, so the digest does not depend on where a project lies.
    """
    recipe_module = model.recipe.partition(":")[0]
    package, _, recipe = recipe_module.rpartition(".")
    folder = Path(cast(str, importlib.import_module(package).__file__)).parent
    paths = [p for p in folder.rglob("*.py") if p != folder / f"{recipe}.py"]
    return digests.tree(folder, paths)
