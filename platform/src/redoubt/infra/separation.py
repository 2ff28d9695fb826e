"""What of one environment's plan belongs to another: accounts and names that give it away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from redoubt.infra.reading import Plan, texts
from redoubt.infra.statements import Policy, Statement, allows, policies

# From the lowest to the highest, with how names begin after the prefix, as main.tf says.
SHORT = {"development": "dev", "validation": "val", "production": "prod"}


def given(plan: Plan, name: str) -> Any:
    """Return the value of a variable of the composition."""
    return plan.raw["variables"][name]["value"]


def account(plan: Plan, environment: str | None = None) -> str:
    """Return the account of the plan's own environment, or of another."""
    return str(given(plan, "accounts")[environment or plan.environment])


def neighbour(plan: Plan, steps: int) -> str | None:
    """Return the environment one step above (1) or below (-1); None at either end."""
    order = list(SHORT)
    place = order.index(plan.environment) + steps
    return order[place] if 0 <= place < len(order) else None


def begins(plan: Plan, environment: str) -> str:
    """Return how names of an environment begin, such as ``pd-prod-``."""
    return f"{given(plan, 'prefix')}-{SHORT[environment]}-"


def foreign(plan: Plan, value: Any) -> list[str]:
    """Return the texts inside a value that name another environment's account or names."""
    marks = [mark for name in SHORT if name != plan.environment
             for mark in (account(plan, name), begins(plan, name))]  # fmt: skip
    return [text for text in texts(value) if any(mark in text for mark in marks)]


def granted(plan: Plan) -> Iterator[tuple[Policy, Statement]]:
    """Yield each statement that lets in, or reaches, what is another environment's.

    A deny cannot let anybody in, so those that name an exception are left out.
    """
    for found in policies(plan):
        for statement in found.statements:
            if allows(statement) and foreign(plan, dict(statement)):
                yield found, statement
