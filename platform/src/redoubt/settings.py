"""Typed settings from ``REDOUBT_*`` variables. Outside development nothing of development passes."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from redoubt import signing
from redoubt.errors import BadInput, Refused

DEVELOPMENT_ISSUER = "https://issuer.development.invalid"
DEVELOPMENT_BUILDER = "https://builder.development.invalid/laptop"
PLACEHOLDERS = ("changeme", "change-me", "placeholder", "example", "todo", "secret", "password")


class Settings(BaseSettings):
    """Where things are and who is trusted. Defaults make one laptop enough."""

    model_config = SettingsConfigDict(env_prefix="REDOUBT_", extra="ignore", frozen=True)

    root: Path = Field(default_factory=Path.cwd, description="The project's folder")
    environment: Literal["development", "validation", "production"] = Field(
        default="development",
        description="Which environment this is; outside development nothing of it passes",
    )
    state: Path = Field(
        default=Path("var"), description="Data, bundles, records and logs of this machine"
    )
    keys: Path = Field(default=Path("var/keys"), description="Private signing keys, one a purpose")
    anchors: Path = Field(
        default=Path("var/keys/anchors.json"), description="Trusted public keys by purpose"
    )
    checkpoints: Path = Field(
        default=Path("var/checkpoints"),
        description="The second place that holds the heads of the chains",
    )
    tracking_uri: str = Field(
        default="", description="MLflow's tracking URI; empty means SQLite in the state folder"
    )
    issuer: str = Field(
        default=DEVELOPMENT_ISSUER, description="Who signs tokens: their `iss` claim"
    )
    audience: str = Field(default="redoubt", description="For whom tokens are: their `aud` claim")
    builder: str = Field(
        default=DEVELOPMENT_BUILDER, description="The builder that provenance must name"
    )
    jwks: Path = Field(default=Path("var/issuer/jwks.json"), description="The issuer's public keys")
    token: SecretStr | None = Field(
        default=None, description="Your token; else the one of `redoubt login`"
    )
    token_file: Path | None = Field(default=None, description="A file that holds your token")
    host: str = Field(default="127.0.0.1", description="The address that the service listens on")
    port: int = Field(
        default=8443, ge=0, le=65535, description="The port that the service listens on"
    )
    tls_certificate: Path = Field(
        default=Path("var/tls/service.pem"), description="The service's certificate chain"
    )
    tls_key: Path = Field(
        default=Path("var/tls/service-key.pem"), description="The service's private TLS key"
    )
    client_ca: Path | None = Field(
        default=None,
        description="CA of client certificates; if set, a client needs one (mutual TLS)",
    )
    serving_python: Path = Field(
        default=Path(".venv/serve/bin/python"),
        description="The interpreter of the serving environment",
    )

    @model_validator(mode="after")
    def _inside_root(self) -> Settings:
        for name, value in self.__dict__.items():
            if isinstance(value, Path) and name != "root" and not value.is_absolute():
                object.__setattr__(self, name, self.root / value)
        return self

    @property
    def development(self) -> bool:
        """Say whether this is the laptop's environment, where development identities may act."""
        return self.environment == "development"

    @property
    def tracking(self) -> str:
        """Return MLflow's tracking URI; by default a SQLite file in the state folder."""
        return self.tracking_uri or f"sqlite:///{self.state / 'mlflow' / 'mlflow.db'}"

    @cached_property
    def trust(self) -> signing.Anchors:
        """Return the trust anchors, refusing development anchors anywhere else."""
        anchors = signing.Anchors.load(self.anchors)
        if anchors.development and not self.development:
            raise Refused(
                f"{self.anchors} holds development keys, and this is {self.environment}.",
                remedy="mount the anchors of your key service and set REDOUBT_ANCHORS",
            )
        return anchors

    def signer(self, purpose: signing.Purpose) -> signing.Signer:
        """Return the signer of a purpose."""
        return signing.LocalSigner(self.keys / f"{purpose}.pem")

    def require_safe(self) -> None:
        """Refuse placeholders and development issuers, keys and records outside development.

        Raises Refused, naming the setting and its value.
        """
        if self.development:
            return
        found = [
            f"{name}={value}"
            for name, value in (
                ("REDOUBT_ISSUER", self.issuer),
                ("REDOUBT_AUDIENCE", self.audience),
                ("REDOUBT_BUILDER", self.builder),
            )
            if _placeholder(value)
        ]
        found += [
            f"REDOUBT_{name.upper()}={path}"
            for name in ("keys", "anchors", "jwks", "checkpoints", "state")
            if (path := getattr(self, name)).resolve().is_relative_to(self.root.resolve())
        ]
        # control: NET-04
        if not _verified(self.tracking_uri):
            scheme = self.tracking_uri.partition(":")[0]
            found.append(
                f"REDOUBT_TRACKING_URI={scheme}:… (a server that need not prove who it is)"
            )
        if found:
            raise Refused(
                f"Not allowed in {self.environment}: {'; '.join(found)}.",
                remedy="set each to the value of this environment; nothing may come from the checkout",
            )
        if self.trust.development:
            raise Refused("Development anchors.", remedy="set REDOUBT_ANCHORS")


def _verified(tracking: str) -> bool:
    """Say whether a tracking store is asked over verified TLS, or is a file of this machine."""
    parts = urlsplit(tracking)
    if parts.scheme.startswith("postgresql"):
        return parse_qs(parts.query).get("sslmode") == ["verify-full"]
    return parts.scheme in ("", "file", "https", "sqlite")


def _placeholder(value: str) -> bool:
    lower = value.lower()
    return (
        not value
        or ".invalid" in lower
        or "localhost" in lower
        or "127.0.0.1" in lower
        or any(word in lower for word in PLACEHOLDERS)
    )


def load(root: Path | None = None) -> Settings:
    """Read the settings. Raises BadInput naming the variable and its value."""
    try:
        settings = Settings(root=root.resolve()) if root else Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "REDOUBT_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadInput(
            f"{name}={first.get('input')!r}: {first['msg']}.", remedy=f"set {name} to a valid value"
        ) from error
    settings.require_safe()
    return settings
