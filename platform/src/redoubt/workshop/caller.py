"""A calling program: asks the service on this machine for a decision, over TLS that it checks."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass

from redoubt import bundle, choice, files
from redoubt.errors import RedoubtError, Refused
from redoubt.settings import Settings

SECONDS = 10.0


@dataclass(frozen=True)
class Caller:
    """Speaks to the service of this project on a loopback port."""

    settings: Settings
    port: int

    @property
    def url(self) -> str:
        """Return where a decision is asked for."""
        return f"https://127.0.0.1:{self.port}/v1/decisions"

    def example(self) -> str:
        """Write and return a request: the first golden row of the newest registered model."""
        digest = choice.choose(self.settings, None, "bundles")
        golden = bundle.load(self.settings.state / "bundles" / bundle.name(digest)).golden
        body = json.dumps({"inputs": {name: row[0] for name, row in golden.inputs.items()}})
        files.write_text(self.settings.state / "run" / "request.json", body)
        return body

    def ready(self) -> bool:
        """Say whether the service answers that it is ready."""
        try:
            self._ask(f"https://127.0.0.1:{self.port}/readyz", None, {})
        except (OSError, RedoubtError):
            return False
        return True

    def decide(self, body: str, token: str) -> bytes:
        """Return the answer to a request. Raises Refused for one that is no success."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        return self._ask(self.url, body.encode(), headers)

    def _ask(self, url: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        trust = ssl.create_default_context(cafile=str(self.settings.state / "tls" / "ca.pem"))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
        )
        asked = urllib.request.Request(url, body, headers)  # noqa: S310  (always https, see url)
        try:
            with opener.open(asked, timeout=SECONDS) as reply:
                return bytes(reply.read())
        except urllib.error.HTTPError as error:
            raise Refused(
                f"The service says {error.code}.", remedy="read var/run/service.log"
            ) from error
