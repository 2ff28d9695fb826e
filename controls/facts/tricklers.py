"""The fact ``tricklers``: clients that keep a connection and hold back, one that is only slow, a crowd.

They meet a service of their own, whose project lets a client take one second over a request. Its
process waits four seconds for a next request and takes few connections; ``routes`` has what it would do
otherwise. Little of an answer fits into what the kernel keeps for a client that does not read it.
"""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from redoubt.proof import fact
from redoubt.serving import server
from redoubt.serving.handle import Service

OVERRIDE = "numbers: {patience: {request_seconds: 1}}\n"
STEP, PATIENCE = 0.2, 8.0
MOST, KEPT_BYTES, KEPT_SECONDS, ANSWERS = 16, 4096, 4, 200
AFTERWARDS = ("no next request", "answers that nobody reads")
LISTEN = server.listen
POST = b"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n"
ASKED = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = (b"GET /v1/mo", b"del HTTP/1.1\r\nHo", b"st: x\r\n")
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # how a TLS handshake begins


def connected(service: Service, encrypted: bool = True) -> socket.socket:
    """Return a connection to the service, with its TLS handshake behind it or still to come."""
    where = urlsplit(service.url)
    plain = socket.socket()
    plain.settimeout(PATIENCE)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KEPT_BYTES)
    plain.connect((where.hostname, where.port))
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


def ignore(connection: socket.socket, start: bytes, drop: bytes) -> float | None:
    """Send a start, then drop after drop, and never read; return as :func:`trickle` does."""
    began = time.monotonic()
    with closing(connection):
        try:
            connection.sendall(start)
            while time.monotonic() - began < PATIENCE:
                time.sleep(STEP)
                connection.sendall(drop)
        except OSError:
            return time.monotonic() - began
    return None


def first_line(connection: socket.socket) -> bytes:
    return connection.recv(4096).partition(b"\r\n")[0]


class Tricklers:
    """``cut()`` yields (who, seconds until the server hung up, most it may take); others give first lines."""

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
            "no next request": (True, ASKED, b""),
        }
        long = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n" + token + b"\r\n"
        self._asked = long * ANSWERS

    def cut(self) -> Iterator[tuple[str, float | None, float]]:
        with ThreadPoolExecutor(len(self._clients) + 1) as pool:
            ran = {who: pool.submit(self._run, *how) for who, how in self._clients.items()}
            unread = connected(self._service), self._asked, ASKED
            ran["answers that nobody reads"] = pool.submit(ignore, *unread)
            for who, one in ran.items():
                most = KEPT_SECONDS + 3 if who in AFTERWARDS else KEPT_SECONDS - 1
                yield who, one.result(), most

    def _run(self, encrypted: bool, start: bytes, drop: bytes) -> float | None:
        return trickle(connected(self._service, encrypted), start, drop)

    def slow(self) -> bytes:
        """Return the first line that a client gets who takes most of the time it has."""
        with closing(connected(self._service)) as connection:
            for piece in (*SLOW, self._who + b"\r\n"):
                connection.sendall(piece)
                time.sleep(STEP)
            return first_line(connection)

    def crowd(self) -> list[bytes]:
        """Return what a client gets alone, beside as many as are taken, and when they have left."""
        lines = [self._ask()]
        with ExitStack() as others:
            for _ in range(MOST - 1):
                others.enter_context(closing(connected(self._service)))
            lines.append(self._ask())
        time.sleep(STEP)
        return [*lines, self._ask()]

    def _ask(self) -> bytes:
        with closing(connected(self._service)) as connection:
            connection.sendall(ASKED)
            return first_line(connection)


def listen(*where: Any) -> socket.socket:
    """Listen as the service does, on a socket that keeps little of an answer."""
    made = LISTEN(*where)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KEPT_BYTES)
    return made


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
    quick: Any = {"MOST_CONNECTIONS": MOST, "KEEP_ALIVE_SECONDS": KEPT_SECONDS, "listen": listen}
    with ExitStack() as running:
        # Only while it starts: other facts ask this process what the service would do.
        with mock.patch.multiple(server, **quick):
            started = running.enter_context(launch(root))
        if not started.was_ready:
            raise RuntimeError(f"the service did not start: {started.output[-2000:]}")
        yield Tricklers(started.service)
