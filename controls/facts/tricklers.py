"""The fact ``tricklers``: clients that keep a connection and hold back, and one that is only slow.

They meet a service of their own, whose project lets a client take one second over a request.
"""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

from redoubt.proof import fact
from redoubt.serving.handle import Service

OVERRIDE = "numbers: {patience: {request_seconds: 1}}\n"
STEP, PATIENCE = 0.2, 6.0
POST = b"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n"
ASKED = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = (b"GET /v1/mo", b"del HTTP/1.1\r\nHo", b"st: x\r\n")
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # how a TLS handshake begins


def connected(service: Service, encrypted: bool = True) -> socket.socket:
    """Return a connection to the service, with its TLS handshake behind it or still to come."""
    where = urlsplit(service.url)
    plain = socket.create_connection((where.hostname, where.port), timeout=PATIENCE)
    return (
        service.context().wrap_socket(plain, server_hostname=where.hostname) if encrypted else plain
    )


def trickle(connection: socket.socket, start: bytes, drop: bytes) -> float | None:
    """Send a start, then drop after drop; return after how many seconds the server hung up."""
    began = time.monotonic()
    with closing(connection):
        try:
            connection.sendall(start)
            while time.monotonic() - began < PATIENCE:
                connection.settimeout(STEP)
                try:
                    if not connection.recv(4096):
                        return time.monotonic() - began
                except TimeoutError:
                    connection.sendall(drop)
        except OSError:
            return time.monotonic() - began
    return None


class Tricklers:
    """``cut()`` yields (who, seconds until the server hung up or None); ``slow()`` gives a status."""

    def __init__(self, service: Service) -> None:
        self._service = service
        token = b"Authorization: Bearer " + service.token("loan-app").encode() + b"\r\n"
        self._who = token
        self._clients = {
            "a handshake": (False, HELLO, b"\0"),
            "nothing at all": (True, b"", b""),
            "blank lines": (True, b"\r\n", b"\r\n"),
            "headers": (True, b"GET /livez HTTP/1.1\r\nx-a: ", b"a"),
            "headers of a next request": (True, ASKED + b"GET /livez HTTP/1.1\r\nx-a: ", b"a"),
            "a body": (True, POST + token + b"\r\n", b" "),
            "a stranger's body": (True, POST + b"\r\n", b" "),
        }

    def cut(self) -> Iterator[tuple[str, float | None]]:
        with ThreadPoolExecutor(len(self._clients)) as pool:
            ran = {who: pool.submit(self._run, *how) for who, how in self._clients.items()}
            yield from ((who, one.result()) for who, one in ran.items())

    def _run(self, encrypted: bool, start: bytes, drop: bytes) -> float | None:
        return trickle(connected(self._service, encrypted), start, drop)

    def slow(self) -> bytes:
        """Return the first line that a client gets who takes most of the time it has."""
        with closing(connected(self._service)) as connection:
            for piece in (*SLOW, self._who + b"\r\n"):
                connection.sendall(piece)
                time.sleep(STEP)
            return connection.recv(4096).partition(b"\r\n")[0]


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/policy/**",
        "platform/src/redoubt/serving/**",
        "platform/src/redoubt/profiles/pd/reference/**",
    ]
)
def tricklers(released, copy_of, launch) -> Iterator[Tricklers]:
    root = copy_of(released)
    (root / "conf").mkdir(exist_ok=True)
    (root / "conf" / "serving.yml").write_text(OVERRIDE)
    with launch(root) as started:
        if not started.was_ready:
            raise RuntimeError(f"the service did not start: {started.output[-2000:]}")
        yield Tricklers(started.service)
