"""The fact ``mistrusted``: what comes of it when service and clients do not know each other's word.

A request without TLS, and the clients of gates and of a calling program, each trusting another
authority than the service's, or asking for another name.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from redoubt.errors import RedoubtError
from redoubt.gates import candidate, client
from redoubt.proof import fact, handshakes
from redoubt.serving import tls
from redoubt.serving.handle import Service


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/gates/client.py",
        "platform/src/redoubt/proof/handshakes.py",
        "platform/src/redoubt/serving/**",
    ]
)
def mistrusted(service: Service, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    where = urlsplit(service.url)
    address = where.hostname or "", where.port or 0
    tls.create_authority(other := tmp_path_factory.mktemp("other"), "Another CA")
    stranger = Service(service.url, other / tls.CA, service.token, service.root, service.log)
    return {
        "a client without TLS": b"HTTP/" in handshakes.in_plaintext(address),
        "a client that would not encrypt": handshakes.unencrypted(address, service.context),
        "a client that knows it": service.ready(),
        "a client of another CA": stranger.ready(),
        "a client that asks for another name": handshakes.taken(
            address, service.context(), "elsewhere.test"
        ),
        "the gate": _answers(lambda: _gate(service, service.ca)),
        "the gate that trusts another CA": _answers(lambda: _gate(service, other / tls.CA)),
    }


def _gate(service: Service, ca: Path) -> int:
    with client.Http(candidate.Service(service.url, service.token("loan-app"), ca)) as asking:
        return asking.get("/readyz").status


def _answers(ask: Callable[[], int]) -> bool:
    try:
        return ask() == 200
    except RedoubtError:
        return False
