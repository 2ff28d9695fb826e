"""The fact ``refusal``: ``refusal(action, …)`` says why an action was refused, or None if it was not."""

from collections.abc import Callable
from typing import Any

from redoubt.errors import RedoubtError
from redoubt.proof import fact


@fact(reads=[])
def refusal() -> Callable[..., str | None]:
    def refused(action: Callable[..., object], *arguments: Any, **options: Any) -> str | None:
        try:
            action(*arguments, **options)
        except RedoubtError as error:
            return error.message
        return None

    return refused
