"""The fact ``planner``: ``planner(environment, work)`` plans this project's ``infra/`` offline.

From an empty state and with no credentials, so it says what would be made, not what stands.
"""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from redoubt.errors import Refused, Unavailable
from redoubt.infra import sandbox, terraform
from redoubt.proof import NotEvaluated, children, fact

REMEDY = (
    "install Terraform, and give it the provider: an internet connection, or a folder filled by "
    f"`terraform providers mirror FOLDER` and named in {terraform.MIRROR}"
)


@fact(reads=["infra/**", "platform/src/redoubt/infra/**"])
def planner(root: Path) -> Callable[[str, Path], None]:
    # Rooms run without the settings of who started them, but the provider lies where he says.
    outer = json.loads(os.environ.get(children.OUTER, "{}"))
    if terraform.MIRROR in outer:
        os.environ[terraform.MIRROR] = outer[terraform.MIRROR]

    def plan(environment: str, work: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="redoubt-plan-") as scratch:
            try:
                found = sandbox.plan(root / "infra", environment, Path(scratch))
            except Unavailable as error:
                raise NotEvaluated(error.message, remedy=REMEDY) from error
            except Refused as error:
                if "Failed to query available provider packages" not in error.message:
                    raise
                raise NotEvaluated("The AWS provider is out of reach.", remedy=REMEDY) from error
        (work / f"{environment}.json").write_text(json.dumps(found))

    return plan
