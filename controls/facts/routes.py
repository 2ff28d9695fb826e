"""The fact ``routes``: every (method, path) that the application object of the service answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from redoubt import admission, model, project
from redoubt.proof import fact
from redoubt.serving import app, loader
from redoubt.settings import Settings


@fact(reads=["platform/src/redoubt/*.py", "platform/src/redoubt/serving/**"])
def routes(released: Path, copy_of: Callable[[Path], Path]) -> list[tuple[str, str]]:
    settings = Settings(root=copy_of(released))
    facts, digest = project.load(settings.root), loader.wanted(settings, None)
    admitted = admission.admit(settings, facts, digest, candidate=False)
    made = app.create_app(settings, facts, admitted, model.load(settings.root))
    listed: Any = made.routes
    found = sorted((method, route.path) for route in listed for method in route.methods - {"HEAD"})
    made.state.parts.log.close()
    return found
