"""MLflow's client as every stage asks it: nothing is unpickled, and a dead server is told in seconds."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from redoubt.errors import RedoubtError, Unavailable
from redoubt.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient

SAFE = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    # a dead server is told within seconds, not after MLflow's default of several minutes
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}


# control: SUP-05
def client(settings: Settings) -> MlflowClient:
    """Return a client of the tracking store and model registry.

    Raises Unavailable when MLflow is not installed or the store cannot be opened.
    """
    for name, value in SAFE.items():
        os.environ.setdefault(name, value)
    os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] = "false"  # its own default is true
    # control: NET-04
    os.environ["MLFLOW_TRACKING_INSECURE_TLS"] = "false"  # else a server need not prove who it is
    try:
        from mlflow import MlflowClient
    except ImportError as error:
        raise Unavailable(
            "MLflow is not installed in this environment.",
            remedy="run the command in .venv/work; `redoubt doctor` shows what is missing",
        ) from error
    for noisy in ("alembic", "mlflow.store.db.utils"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    with asking(settings):
        if not settings.tracking_uri:
            (settings.state / "mlflow").mkdir(parents=True, exist_ok=True)
        return MlflowClient(tracking_uri=settings.tracking, registry_uri=settings.tracking)


@contextmanager
def asking(settings: Settings) -> Iterator[None]:
    """Tell whatever MLflow raises as Unavailable: it lets SQLAlchemy's and requests' types through."""
    try:
        yield
    except RedoubtError:
        raise
    except Exception as error:
        raise Unavailable(
            f"The tracking store {place(settings)} does not answer: "
            f"{(str(error).splitlines() or [type(error).__name__])[0][:200]}.",
            remedy="check REDOUBT_TRACKING_URI and that the server runs, then run the same command "
            "again: what it had begun does not count",
        ) from error


def place(settings: Settings) -> str:
    """Return the tracking URI for records: no credentials, no path of this machine."""
    parts = urlsplit(settings.tracking)
    if parts.scheme in ("http", "https", "postgresql", "mysql"):
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return settings.tracking.replace(f"{settings.root}/", "")
