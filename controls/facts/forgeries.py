"""The fact ``forgeries``: ``forgeries(settings)`` gives tokens that look like a caller's and are none."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from redoubt import signing
from redoubt.proof import fact
from redoubt.release import issuer
from redoubt.settings import Settings


def encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def signed_otherwise(token: str, algorithm: str, key: bytes) -> str:
    """Return the token's claims under its issuer's key name, with another algorithm's signature."""
    header = jwt.get_unverified_header(token) | {"alg": algorithm}
    text = encoded(json.dumps(header).encode()) + b"." + token.split(".")[1].encode()
    mac = encoded(hmac.digest(key, text, hashlib.sha256)) if key else b""
    return (text + b"." + mac).decode()


def resigned(token: str) -> str:
    """Return a token with one letter of its signature changed."""
    head, _, signature = token.rpartition(".")
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def forged(token: str) -> str:
    """Return the token's claims under its issuer's key name, signed by a fresh key."""
    claims = jwt.decode(token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(token)["kid"]
    fresh = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(claims, fresh, "ES256", headers={"kid": kid})


@fact(reads=["platform/src/redoubt/release/issuer.py"])
def forgeries() -> Callable[[Settings, str], dict[str, str]]:
    def make(settings: Settings, in_use: str) -> dict[str, str]:
        def mint(**claims: Any) -> str:
            return issuer.mint(settings, "loan-app", **claims)

        public = signing.public_pem(settings.state / "issuer" / "issuer.pem").encode()
        return {
            "wrong audience": mint(aud="another-service"),
            "wrong issuer": mint(iss="https://issuer.example"),
            "expired": mint(exp=int(time.time()) - 5),
            "without expiry": mint(exp=None),
            "not yet valid": mint(nbf=int(time.time()) + 600),
            "algorithm none": signed_otherwise(mint(), "none", b""),
            "key confusion": signed_otherwise(mint(), "HS256", public),
            "another key": forged(mint()),
            "another signature of a token in use": resigned(in_use),
            "oversized": mint(padding="x" * 9000),
        }

    return make
