"""The MLflow model registry: a version for each registered bundle, and the alias ``champion``.

The registry is a directory for people. What may serve is decided by signed records; the alias only
follows, and `redoubt status` tells when somebody moved it by hand.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

from redoubt import runstore
from redoubt.project import Project
from redoubt.release import remembered
from redoubt.settings import Settings

ALIAS = "champion"
TAG = "redoubt.model"


class Registry:
    """The versions of one project's registered model."""

    def __init__(self, settings: Settings, project: Project) -> None:
        self._settings = settings
        self.name = project.package

    @cached_property
    def _client(self) -> Any:
        return runstore.client(self._settings)

    def _asked(self) -> AbstractContextManager[None]:
        return runstore.asking(self._settings)

    def tags(self, run_id: str) -> dict[str, str]:
        """Return the tags of a training run. Raises Unavailable when the store has no such run."""
        client = self._client
        with self._asked():
            return dict(client.get_run(run_id).data.tags)

    def versions(self) -> dict[str, str]:
        """Return digest -> version of every registered version."""
        client = self._client
        with self._asked():
            found = client.search_model_versions(f"name='{self.name}'")
            return {item.tags[TAG]: str(item.version) for item in found if TAG in item.tags}

    def add(self, digest: str, run_id: str) -> str:
        """Return the version of a bundle, creating the model and the version when missing."""
        known = self.versions()
        if digest in known:
            return known[digest]
        client = self._client
        with self._asked():
            if not client.search_registered_models(f"name='{self.name}'"):
                client.create_registered_model(self.name)
            made = client.create_model_version(
                self.name, source=f"runs:/{run_id}/bundle", run_id=run_id, tags={TAG: digest}
            )
            return str(made.version)

    def champion(self) -> str | None:
        """Return the digest that the alias names, "?" for a version that Redoubt did not make."""
        before = remembered.store(self._settings)
        known = remembered.recall(self._settings, self.name, before)
        if known is not None:
            return known[0]
        named = self._asked_champion()
        remembered.keep(self._settings, self.name, before, named)
        return named

    def _asked_champion(self) -> str | None:
        client = self._client
        with self._asked():
            if not client.search_registered_models(f"name='{self.name}'"):
                return None
            version = client.get_registered_model(self.name).aliases.get(ALIAS)
            if version is None:
                return None
            return str(client.get_model_version(self.name, version).tags.get(TAG, "?"))

    # control: GATE-01
    def set_champion(self, digest: str, run_id: str) -> None:
        """Let the alias name a bundle's version."""
        version = self.add(digest, run_id)
        client = self._client
        with self._asked():
            client.set_registered_model_alias(self.name, ALIAS, version)

    def clear_champion(self) -> None:
        """Take the alias away: no decision names a model."""
        client = self._client
        with self._asked():
            client.delete_registered_model_alias(self.name, ALIAS)
