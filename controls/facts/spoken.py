"""The fact ``spoken``: the versions of TLS in which the service talks to a client that offers only one."""

from urllib.parse import urlsplit

from redoubt.proof import fact, handshakes
from redoubt.serving.handle import Service


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/proof/handshakes.py",
        "platform/src/redoubt/serving/**",
    ]
)
def spoken(service: Service) -> list[str]:
    where = urlsplit(service.url)
    return list(handshakes.spoken((where.hostname or "", where.port or 0), service.context))
