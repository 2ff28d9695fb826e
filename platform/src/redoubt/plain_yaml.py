"""YAML as data only, read by libyaml where it is built in: a catalogue of rooms is read eight times faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING or not yaml.__with_libyaml__:
    from yaml import SafeLoader as Fast
else:
    from yaml import CSafeLoader as Fast

# libyaml's reader has no end to its recursion but the stack: some 30,000 levels end the process.
DEEPEST = 1000


def load(text: str, loader: type[yaml.SafeLoader] | None = None) -> Any:
    """Return what a text says, read by ``loader`` if one is given.

    Raises yaml.YAMLError when it is not YAML, asks for more than data, or is nested too deeply.
    """
    chosen = loader or (Fast if _levels(text) <= DEEPEST else yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=chosen)  # noqa: S506 - all of them are safe loaders
    except RecursionError as error:
        raise yaml.YAMLError("it is nested too deeply") from error


def _levels(text: str) -> int:
    """Return a bound on how deep a text is nested: a level takes a bracket, or a column more."""
    columns = max(map(len, text.splitlines()), default=0)
    return text.count("[") + text.count("{") + columns
