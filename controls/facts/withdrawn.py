"""The fact ``withdrawn``: what a token in use gets before, while and after its key is not the issuer's."""

import time
from collections.abc import Iterator

from redoubt.proof import fact
from redoubt.serving.handle import Service
from redoubt.settings import Settings

REFRESH = 1.3  # the service looks after the issuer's keys once a second


@fact(reads=["platform/src/redoubt/*.py", "platform/src/redoubt/serving/**"])
def withdrawn(service: Service) -> list[int]:
    return list(_statuses(service))


def _statuses(service: Service) -> Iterator[int]:
    token, jwks = service.token("loan-app"), Settings(root=service.root).jwks
    listed = jwks.read_text()
    yield service.get("/v1/model", token).status
    for keys in (listed.replace('"kid": "', '"kid": "gone-'), listed):
        jwks.write_text(keys)
        time.sleep(REFRESH)
        yield service.get("/v1/model", token).status
