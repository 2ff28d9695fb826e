"""The fact ``service``: the released model, served over TLS by a process; a handle to ask it."""

from collections.abc import Iterator

from redoubt.proof import fact
from redoubt.serving.handle import Service


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/policy/**",
        "platform/src/redoubt/serving/**",
        "platform/src/redoubt/profiles/pd/reference/**",
    ]
)
def service(released, copy_of, launch) -> Iterator[Service]:
    with launch(copy_of(released)) as started:
        if not started.was_ready:
            raise RuntimeError(f"the service did not start: {started.output[-2000:]}")
        yield started.service
