"""The development issuer's loopback server, and the login that asks it for a token."""

from __future__ import annotations

import hmac
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from redoubt import files
from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.identity import Identity, Verifier
from redoubt.release import issuer
from redoubt.settings import Settings

HOST = "127.0.0.1"
MAX_FORM = 4096
START_SECONDS = 8.0
REMEDY = "run `redoubt issuer start` in another terminal and leave it running"


class Handler(BaseHTTPRequestHandler):
    """Answers GET of the key set and POST of a client-credentials token request."""

    server: Server
    timeout = 5

    def do_GET(self) -> None:
        """Answer the public key set and the health question."""
        if self.path == "/jwks.json":
            self._answer(200, json.loads(self.server.settings.jwks.read_bytes()))
        elif self.path == "/livez":
            self._answer(200, {})
        else:
            self._answer(404, {"error": "not_found"})

    def do_POST(self) -> None:
        """Answer a token request that carries this machine's client secret."""
        if self.path != "/token":
            return self._answer(404, {"error": "not_found"})
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > MAX_FORM:
            return self._answer(400, {"error": "invalid_request"})
        form = urllib.parse.parse_qs(self.rfile.read(int(length)).decode("ascii", "replace"))
        given = form.get("client_secret", [""])[0]
        if not hmac.compare_digest(given.encode(), self.server.secret.encode()):
            return self._answer(401, {"error": "invalid_client"})
        try:
            who = issuer.person(form.get("client_id", [""])[0])
        except BadInput as error:
            return self._answer(400, {"error": "invalid_request", "error_description": str(error)})
        token = issuer.mint(self.server.settings, who.subject)
        return self._answer(200, {"access_token": token, "token_type": "Bearer",
                                  "expires_in": int(who.hours * 3600)})  # fmt: skip

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.send_header("cache-control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: a token request holds the client secret."""


class Server(ThreadingHTTPServer):
    """The issuer on loopback; ``port`` 0 takes a free one. Its address is left in the state folder."""

    daemon_threads = True

    def __init__(self, settings: Settings, port: int = 0) -> None:
        issuer.prepare(settings)
        self.settings = settings
        self.secret = (issuer.home(settings) / "secret").read_text()
        try:
            super().__init__((HOST, port), Handler)
        except OSError as error:
            raise Unavailable(
                f"Port {port} cannot be used: {error.strerror}.",
                remedy="choose another with --port, or 0 for a free one",
            ) from error
        address = {"url": f"http://{HOST}:{self.server_port}", "pid": os.getpid()}
        files.write_text(address_file(settings), json.dumps(address))


def address_file(settings: Settings) -> Path:
    """Return the file that says where the issuer listens."""
    return issuer.home(settings) / "address.json"


def request_token(settings: Settings, subject: str) -> str:
    """Ask the running issuer for a token. Raises Unavailable when it does not answer."""
    issuer.person(subject)
    try:
        url = json.loads(address_file(settings).read_bytes())["url"]
        secret = (issuer.home(settings) / "secret").read_text()
    except (OSError, ValueError, KeyError) as error:
        raise Unavailable("The development issuer was never started.", remedy=REMEDY) from error
    form = urllib.parse.urlencode({
        "grant_type": "client_credentials", "client_id": subject, "client_secret": secret,
    }).encode()  # fmt: skip
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback: no proxy
    try:
        with opener.open(f"{url}/token", form, timeout=5) as reply:
            return str(json.loads(reply.read())["access_token"])
    except urllib.error.HTTPError as error:
        raise Refused(f"The issuer says {error.code}.", remedy=REMEDY) from error
    except (OSError, ValueError, KeyError) as error:
        raise Unavailable(f"The issuer at {url} does not answer.", remedy=REMEDY) from error


def patient_token(settings: Settings, subject: str) -> str:
    """Ask again for some seconds: `redoubt issuer start &` may still be on its way."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return request_token(settings, subject)
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def login(settings: Settings, subject: str) -> Identity:
    """Get a token, keep it readable by its owner only, and return who is now signed in."""
    token = patient_token(settings, subject)
    found = Verifier.from_settings(settings).verify(token)
    files.write_text(issuer.home(settings) / "token", token)  # a new file is born 0600
    return found
