"""The fact ``policies``: production's plan, in which every policy has its owner and can be judged."""

from typing import Any

from redoubt.infra.policies import naming
from redoubt.infra.reading import Plan
from redoubt.proof import fact


@fact(reads=["platform/src/redoubt/infra/**"])
def policies(planned: Plan) -> dict[str, Any]:
    return naming.named(planned)
