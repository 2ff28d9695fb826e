"""The seam: everything that the platform runs of this model hangs on MODEL."""

from __future__ import annotations

from redoubt.model import Model

from .features import FEATURES
from .reasons import REASONS
from .schema import SCHEMA

# The recipe is named, not imported: serving reads this file and has no training library.
MODEL = Model(SCHEMA, FEATURES, recipe=f"{__package__}.recipe:fit", reasons=REASONS)
