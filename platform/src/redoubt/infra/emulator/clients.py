"""boto3 clients that speak to the AWS emulator only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from redoubt.errors import BadInput, Unavailable

Client = Callable[[str], Any]


def connected(environment: Mapping[str, str]) -> Client:
    """Return ``client(service)``. Raises BadInput when the address is not on loopback."""
    address = environment["AWS_ENDPOINT_URL"]
    if urlsplit(address).hostname != "127.0.0.1":
        raise BadInput(
            f"AWS_ENDPOINT_URL={address!r} is no AWS emulator on this machine.",
            remedy="start it with redoubt.infra.emulator.server",
        )
    try:
        import boto3
        from boto3.session import Config
    except ImportError as error:
        raise Unavailable(
            "boto3 is not installed.", remedy="install requirements/infra.txt"
        ) from error
    session = boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )
    config = Config(retries={"total_max_attempts": 2}, s3={"addressing_style": "path"})
    return cache(lambda name: session.client(name, endpoint_url=address, config=config))
