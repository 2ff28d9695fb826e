"""What a replay needs of each model that a log names: its core and the rules of today."""

from __future__ import annotations

from functools import cache

from redoubt import admission, bundle, digests, model
from redoubt.errors import Refused, Unavailable
from redoubt.project import Project
from redoubt.serving import policy
from redoubt.serving.core import Core
from redoubt.serving.decision_record import Recorder
from redoubt.serving.replay import Scene, SceneOf
from redoubt.settings import Settings


def of(settings: Settings, project: Project) -> SceneOf:
    """Return a function from a model's digest to what replays its records, each loaded once.

    The bundle is taken by content: its bytes must have the recorded digest. Whether it may still
    serve does not matter here; a retired model's decisions must stay reproducible.
    """

    @cache
    def scene(digest: str) -> Scene:
        folder = admission.folder(settings, digest)
        if not folder.is_dir():
            raise Unavailable(
                f"Model {digests.short(digest)} is not in {folder.parent}.",
                remedy="restore its bundle from the registry or a backup",
            )
        loaded = bundle.load(folder, digest)
        seam = model.load(settings.root)
        if model.serving_code(seam) != loaded.manifest.serving_code:
            raise Refused(
                f"The project's code is not the code of model {digests.short(digest)}.",
                remedy=f"check out the commit of its run: {loaded.run.code.commit or 'not recorded'}",
            )
        rules = policy.load(settings.root, project.tier, project.jurisdictions)
        core = Core(loaded, seam.features, rules)
        return core, Recorder.of(settings, digest, project.tier, project.jurisdictions)

    return scene
