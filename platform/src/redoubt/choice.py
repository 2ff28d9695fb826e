"""Which model a command speaks of: a digest, a unique beginning of one, or the newest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from redoubt import bundle
from redoubt.errors import BadInput, Unavailable
from redoubt.ledger import Ledger
from redoubt.records import Registration, Run
from redoubt.settings import Settings

Among = Literal["candidates", "bundles"]
REMEDY = {"candidates": "run `redoubt train`", "bundles": "run `redoubt register`"}
SHORTEST = 4


def choose(settings: Settings, given: str | None, among: Among) -> str:
    """Return the full digest of a candidate or a registered model.

    Raises BadInput when a beginning fits none or several, Unavailable when there is no model.
    """
    folder = settings.state / among
    names = sorted(path.name for path in folder.glob("[0-9a-f]*") if path.is_dir())
    if not names:
        raise Unavailable("There is no model yet.", remedy=REMEDY[among])
    if given is None:
        return _newest(settings, folder, names, among)
    wanted = bundle.name(given)
    fitting = [name for name in names if name.startswith(wanted)]
    if len(fitting) != 1 or len(wanted) < SHORTEST:
        raise BadInput(
            f"{given!r} fits {len(fitting)} of {len(names)} models.",
            remedy=f"give at least {SHORTEST} digits of one of "
            + ", ".join(name[:12] for name in names[:5]),
        )
    return f"sha256:{fitting[0]}"


def _newest(settings: Settings, folder: Path, names: list[str], among: Among) -> str:
    if among == "bundles":
        registered = Ledger(settings).newest(Registration)
        if registered is None:
            raise Unavailable("No model is registered yet.", remedy=REMEDY[among])
        return registered.model
    return f"sha256:{max(names, key=lambda name: _trained(folder / name))}"


def _trained(candidate: Path) -> tuple[datetime, float]:
    """Return when a candidate was trained; the file's time decides within one second."""
    path = candidate / "run.json"
    try:
        return Run.model_validate_json(path.read_bytes()).at, path.stat().st_mtime
    except (OSError, ValueError) as error:
        raise BadInput(f"Candidate {candidate.name[:12]} cannot be read.",
                       remedy="delete its folder or train again") from error  # fmt: skip
