"""Outside development, nothing of development passes."""

from __future__ import annotations

import json

import pytest

from redoubt import settings as module
from redoubt import signing
from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.identity import Verifier
from redoubt.release import issuer, issuer_server, keys
from redoubt.settings import DEVELOPMENT_ISSUER, Settings

SAFE = {
    "environment": "production",
    "issuer": "https://login.bank.test",
    "audience": "models",
    "builder": "https://ci.bank.test/builders/1",
}
OUTSIDE = ("keys", "checkpoints", "state")


@pytest.fixture
def production(tmp_path):
    """Return settings as a production host has them: all paths outside the checkout."""
    away = tmp_path / "mounts"
    root = tmp_path / "checkout"
    root.mkdir()
    development = Settings(root=tmp_path / "laptop")
    keys.create(development)
    anchors = json.loads(development.anchors.read_text()) | {"development": False}
    away.mkdir()
    (away / "anchors.json").write_text(json.dumps(anchors))
    (away / "jwks.json").write_text(development.jwks.read_text())
    paths = {name: away / name for name in OUTSIDE}
    paths |= {"anchors": away / "anchors.json", "jwks": away / "jwks.json"}

    def make(**changes):
        return Settings(**({"root": root} | SAFE | paths | changes))

    return make


def test_settings_of_a_production_host_are_safe(production):
    production().require_safe()


@pytest.mark.parametrize("query", ["", "?sslmode=prefer", "?sslmode=verify-ca"])
def test_a_tracking_store_proves_who_it_is_and_its_password_is_never_told(production, query):
    for uri in (
        "https://mlflow.bank.test",
        "postgresql://mlflow.bank.test/runs?sslmode=verify-full",
    ):
        production(tracking_uri=uri).require_safe()
    with pytest.raises(Refused) as refusal:
        production(tracking_uri=f"postgresql://u:pw1@mlflow.bank.test/runs{query}").require_safe()
    assert "pw1" not in str(refusal.value)


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": DEVELOPMENT_ISSUER},
        {"issuer": "https://localhost/login"},
        {"issuer": ""},
        {"audience": "changeme"},
        {"builder": module.DEVELOPMENT_BUILDER},
        {"keys": "var/keys"},
        {"anchors": "var/keys/anchors.json"},
        {"jwks": "var/issuer/jwks.json"},
        {"checkpoints": "var/checkpoints"},
        {"state": "var"},
        {"tracking_uri": "http://mlflow.bank.test"},
        {"tracking_uri": "postgresql://u@mlflow.bank.test/runs?sslmode=require"},
        {"tracking_uri": "mysql://u@mlflow.bank.test/runs"},
    ],
    ids=lambda change: "-".join(f"{k}={v}" for k, v in change.items()),
)
def test_a_setting_of_development_is_refused_and_named(production, change):
    ((name, _),) = change.items()
    with pytest.raises(Refused, match=f"REDOUBT_{name.upper()}="):
        production(**change).require_safe()


def test_development_anchors_are_refused_outside_development(production, tmp_path):
    laptop = Settings(root=tmp_path / "laptop")
    copied = tmp_path / "mounts" / "copied.json"
    copied.write_text(laptop.anchors.read_text())
    with pytest.raises(Refused, match="development keys"):
        _ = production(anchors=copied).trust
    with pytest.raises(Refused):
        production(anchors=copied).require_safe()


def test_the_development_issuer_does_nothing_outside_development(production):
    for attempt in (
        lambda: keys.create(production()),
        lambda: issuer.mint(production(), "ada"),
        lambda: issuer.mint(production(issuer=DEVELOPMENT_ISSUER), "ada"),
        lambda: issuer_server.Server(production()),
        lambda: issuer_server.request_token(production(), "ada"),
        lambda: Verifier.from_settings(production(issuer=DEVELOPMENT_ISSUER)),
    ):
        with pytest.raises(Refused):
            attempt()


def test_a_development_token_is_refused_outside_development(production, tmp_path):
    token = issuer.mint(Settings(root=tmp_path / "laptop"), "ada")
    with pytest.raises(Refused):
        Verifier.from_settings(production()).verify(token)


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"keys": {}}', '{"keys": {"gate": ["no key"]}, "development": true}',
     '{"keys": {"gate": 5}, "development": true}'],
)  # fmt: skip
def test_an_anchor_file_that_is_none_is_told_as_absent(tmp_path, content):
    path = tmp_path / "anchors.json"
    path.write_text(content)
    with pytest.raises(Unavailable, match="anchors"):
        signing.Anchors.load(path)


def test_one_key_for_two_purposes_is_refused(tmp_path):
    settings = Settings(root=tmp_path)
    keys.create(settings)
    data = json.loads(settings.anchors.read_text())
    data["keys"]["approval"] = data["keys"]["gate"]
    settings.anchors.write_text(json.dumps(data))
    with pytest.raises(Refused, match="one key twice"):
        signing.Anchors.load(settings.anchors)


@pytest.mark.parametrize(("name", "value"), [("PORT", "http"), ("ENVIRONMENT", "prod")])
def test_a_wrong_variable_is_named_with_its_value(monkeypatch, tmp_path, name, value):
    monkeypatch.setenv(f"REDOUBT_{name}", value)
    with pytest.raises(BadInput, match=f"REDOUBT_{name}='{value}'"):
        module.load(tmp_path)
