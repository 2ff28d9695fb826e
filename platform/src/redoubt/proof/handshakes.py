"""What a server says to clients that offer one version of TLS, none at all, or trust somebody else."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

OFFERED = (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
SECONDS = 5.0
Address = tuple[str, int]


def spoken(address: Address, context: Callable[[], ssl.SSLContext]) -> Iterator[str]:
    """Yield the versions in which a server talks to a client that offers only that one."""
    for version in OFFERED:
        offer = context()
        offer.set_ciphers("ALL:@SECLEVEL=0")  # else the client alone would refuse the old ones
        offer.minimum_version = offer.maximum_version = version
        if taken(address, offer, address[0]):
            yield version.name


def unencrypted(address: Address, context: Callable[[], ssl.SSLContext]) -> bool:
    """Say whether a server agrees to a cipher that proves who it is and encrypts nothing."""
    offer = context()
    offer.maximum_version = ssl.TLSVersion.TLSv1_2  # 1.3 has no such cipher
    offer.set_ciphers("eNULL:@SECLEVEL=0")
    return taken(address, offer, address[0])


def taken(address: Address, offer: ssl.SSLContext, name: str) -> bool:
    """Say whether client and server come to an agreement, the client asking for a name."""
    try:
        with socket.create_connection(address, timeout=SECONDS) as plain:
            offer.wrap_socket(plain, server_hostname=name).close()
    except (ssl.SSLError, ConnectionError):
        return False
    return True


def trusting(authority: Path) -> ssl.SSLContext:
    """Return a client's context that trusts one authority and nobody else."""
    return ssl.create_default_context(cafile=str(authority))


def in_plaintext(address: Address) -> bytes:
    """Return what a server answers to a request without TLS; nothing when it hangs up."""
    answer = b""
    with socket.create_connection(address, timeout=SECONDS) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        with suppress(OSError):
            while part := plain.recv(4096):
                answer += part
    return answer
