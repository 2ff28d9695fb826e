"""The fact ``spoken``: the versions of TLS in which the service talks to a client that offers only one."""

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from redoubt.proof import fact
from redoubt.serving.handle import Service

OFFERED = (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@fact(reads=["platform/src/redoubt/*.py", "platform/src/redoubt/serving/**"])
def spoken(service: Service) -> list[str]:
    return list(_spoken(service))


def _spoken(service: Service) -> Iterator[str]:
    where = urlsplit(service.url)
    for version in OFFERED:
        offer = service.context()
        offer.set_ciphers("ALL:@SECLEVEL=0")  # else the client alone would refuse the old ones
        offer.minimum_version = offer.maximum_version = version
        try:
            with socket.create_connection((where.hostname, where.port), timeout=5) as plain:
                offer.wrap_socket(plain, server_hostname=where.hostname).close()
        except (ssl.SSLError, ConnectionError):
            continue
        yield version.name
