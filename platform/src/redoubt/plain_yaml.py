"""YAML as data only, read by libyaml where it is built in: a catalogue of rooms is read eight times faster."""

from __future__ import annotations

from typing import Any

import yaml

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML was built without libyaml: the same answers, later
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

__all__ = ["Loader", "load"]


def load(text: str) -> Any:
    """Return what a text says. Raises yaml.YAMLError when it is not YAML, or asks for more than data."""
    return yaml.load(text, Loader=Loader)
