"""The fact ``refusal``: ``refusal(action, …)`` says why an action was refused, or None if it was not."""

from redoubt.errors import RedoubtError
from redoubt.proof import fact


@fact(reads=[])
def refusal():
    def refused(action, *arguments, **options):
        try:
            action(*arguments, **options)
        except RedoubtError as error:
            return error.message
        return None

    return refused
