"""What the alias named when MLflow was last asked; it still does while the store's bytes are the same.

Importing MLflow costs seconds, and the default store is one file of this machine. Its tables are
never read here: any change of the file, whoever made it, means that MLflow is asked again. A
tracking server is always asked.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from redoubt import digests, files
from redoubt.errors import Unavailable
from redoubt.settings import Settings

PARTS = ("", "-wal", "-journal")  # SQLite may keep the newest pages beside the file


def store(settings: Settings) -> str | None:
    """Return the digest of the default store's files; None when there is none, or another store."""
    path = settings.state / "mlflow" / "mlflow.db"
    if settings.tracking_uri or not path.is_file():
        return None
    here = [path.with_name(path.name + part) for part in PARTS]
    return digests.digest_of({at.name: digests.digest_file(at) for at in here if at.is_file()})


def recall(settings: Settings, model: str, now: str | None) -> tuple[str | None] | None:
    """Return what the alias of a registered model names, in a tuple; None: ask MLflow."""
    try:
        said: Any = json.loads(_path(settings).read_bytes())
        held, named = said["of"] == [now, model], said["names"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (named,) if now and held and (named is None or isinstance(named, str)) else None


def keep(settings: Settings, model: str, before: str | None, named: str | None) -> None:
    """Remember an answer, unless the store changed while MLflow was asked."""
    if before is None or before != store(settings):
        return
    try:
        files.write_text(_path(settings), json.dumps({"of": [before, model], "names": named}))
    except Unavailable:  # a full disk costs time only: it is asked again
        return


def _path(settings: Settings) -> Path:
    return settings.state / "mlflow" / "champion.json"
