"""Ranges of addresses in a plan: what of them lies outside of private networks.

Two halves of the internet are the internet, so a range is judged by where it lies, not by its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from redoubt.infra.reading import texts

Network = IPv4Network | IPv6Network
PRIVATE = tuple(
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)


def within(one: Network, other: Network) -> bool:
    """Say whether a range lies in another; the two families never do."""
    inside = int(other[0]) <= int(one[0]) and int(one[-1]) <= int(other[-1])
    return one.version == other.version and inside


def ranges(value: Any) -> Iterator[Network]:
    """Yield every range that a planned value names, however deep it lies."""
    for text in texts(value):
        if "/" in text:
            try:
                yield ip_network(text, strict=False)
            except ValueError:
                continue


def public(value: Any, *but: str) -> list[str]:
    """Return the ranges inside a value that are neither private nor in one of ``but``."""
    known = (*PRIVATE, *map(ip_network, but))
    return [str(one) for one in ranges(value) if not any(within(one, own) for own in known)]
