"""Who is calling: tokens, their cache, the issuer's keys, and the exact budgets."""

import base64
import hashlib
import json
import os
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from redoubt.release import issuer
from redoubt.serving import auth, logs
from redoubt.serving.auth import TokenCache
from redoubt.serving.budget import Budget
from redoubt.settings import Settings

ROUTES = [
    ("POST", "/v1/decisions"),
    ("GET", "/v1/model"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
]


@pytest.fixture
def service(local):
    return local()


def unsigned(settings, algorithm, key=b""):
    """Return a token that names the issuer's key and is signed otherwise."""
    real = issuer.mint(settings, "loan-app")
    header = jwt.get_unverified_header(real) | {"alg": algorithm}
    claims = jwt.decode(real, options={"verify_signature": False})
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (header, claims)
    ]
    text = b".".join(parts)
    if algorithm == "none":
        return (text + b".").decode()
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = mac.sign(text, key)
    return (text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def forged(settings):
    now = int(time.time())
    claims = {"iss": settings.issuer, "aud": settings.audience, "sub": "loan-app", "scope": "score",
              "iat": now, "exp": now + 60}  # fmt: skip
    kid = jwt.get_unverified_header(issuer.mint(settings, "loan-app"))["kid"]
    return jwt.encode(
        claims, ec.generate_private_key(ec.SECP256R1()), "ES256", headers={"kid": kid}
    )


def public_key(settings):
    key = serialization.load_pem_private_key(
        (settings.state / "issuer" / "issuer.pem").read_bytes(), None
    )
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def corpus(settings):
    now = int(time.time())
    mint = issuer.mint
    return {
        "audience": mint(settings, "loan-app", aud="other"),
        "issuer": mint(settings, "loan-app", iss="https://other.invalid"),
        "expired": mint(settings, "loan-app", exp=now - 1),
        "not yet": mint(settings, "loan-app", nbf=now + 600),
        "no expiry": mint(settings, "loan-app", exp=None),
        "no subject": mint(settings, "loan-app", sub=None),
        "none": unsigned(settings, "none"),
        "key confusion": unsigned(settings, "HS256", public_key(settings)),
        "forged": forged(settings),
        "oversized": mint(settings, "loan-app", padding="x" * 9000),
        "rubbish": "not.a.token",
        "not ASCII": "é",
    }


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_answers_without_a_token(service, method, path):
    assert service.ask(method, path)[0] == 401
    assert service.ask(method, path, headers=[(b"authorization", b"Basic eDp5")])[0] == 401


def test_every_route_but_the_probes_is_built_with_a_caller(service):
    open_ = {route.path for route in service.app.routes if not hasattr(route, "dependencies")}
    assert open_ == {"/livez", "/readyz"}
    assert [service.ask("GET", path) for path in sorted(open_)] == [(200, b""), (200, b"")]


def test_a_route_without_a_caller_cannot_be_added(service):
    with pytest.raises(TypeError, match="would answer anybody"):
        service.app.add_api_route("/open", lambda: None)


def test_invalid_tokens_are_refused_and_never_cached(service):
    service.ask("GET", "/v1/model", token=service.token())
    for name, token in corpus(service.settings).items():
        status, body = service.ask("GET", "/v1/model", token=token)
        assert status == 401, name
        assert body == b'{"error":"authentication_required","fields":[]}', name
    assert len(service.parts.caller.tokens) == 1


def test_two_authorization_headers_are_refused(service):
    header = (b"authorization", f"Bearer {service.token()}".encode())
    assert service.ask("GET", "/v1/model", headers=[header, header])[0] == 401


def test_a_scope_opens_its_routes_only(service):
    app, prometheus = service.token("loan-app"), service.token("prometheus")
    assert service.ask("GET", "/metrics", token=prometheus)[0] == 200
    assert service.ask("GET", "/metrics", token=app)[0] == 403
    assert service.ask("GET", "/v1/model", token=prometheus)[0] == 403
    assert service.ask("POST", "/v1/decisions", token=service.token("mira"))[0] == 403


def test_authentication_comes_before_parsing(service):
    assert service.ask("POST", "/v1/decisions", body=b"{" * 100_000)[0] == 401
    assert service.ask("POST", "/v1/decisions", token=service.token(), body=b"{")[0] == 422


def test_a_cached_token_is_refused_once_it_has_expired(service, monkeypatch):
    token = service.token(exp=int(time.time()) + 30)
    assert service.ask("GET", "/v1/model", token=token)[0] == 200
    key = hashlib.sha256(token.encode()).digest()
    assert service.parts.caller.tokens.get(key) is not None
    later = time.monotonic() + 31
    monkeypatch.setattr(auth.time, "monotonic", lambda: later)
    assert service.parts.caller.tokens.get(key) is None


def test_a_token_is_refused_after_its_expiry_though_it_was_cached(service):
    token = service.token(exp=int(time.time()) + 2)
    assert service.ask("GET", "/v1/model", token=token)[0] == 200
    time.sleep(2.1)
    assert service.ask("GET", "/v1/model", token=token)[0] == 401


def test_the_cache_is_bounded_and_short(service, monkeypatch):
    who = service.parts.caller._keys.verifier.verify(service.token())
    cache = TokenCache(most=3)
    for number in range(5):
        cache.put(bytes([number]), who)
    assert [cache.get(bytes([number])) is not None for number in range(5)] == [False] * 2 + [
        True
    ] * 3
    later = time.monotonic() + 61
    monkeypatch.setattr(auth.time, "monotonic", lambda: later)
    assert cache.get(bytes([4])) is None


def test_new_keys_are_taken_and_old_tokens_forgotten(service):
    old = service.token()
    assert service.ask("GET", "/v1/model", token=old)[0] == 200
    settings = service.settings
    (settings.state / "issuer" / "issuer.pem").unlink()
    settings.jwks.unlink()
    service.parts.refresh()
    assert service.ask("GET", "/v1/model", token=old)[0] == 200, "a missing file changes nothing"
    new = service.token()
    os.utime(settings.jwks, ns=(1, 1))
    service.parts.refresh()
    assert service.ask("GET", "/v1/model", token=old)[0] == 401
    assert service.ask("GET", "/v1/model", token=new)[0] == 200


def test_the_development_issuer_is_no_issuer_elsewhere(released_copy):
    settings = Settings(root=released_copy, environment="production")
    with pytest.raises(auth.RedoubtError, match="development only"):
        auth.Keys(settings)


def test_one_address_can_fail_only_so_often(service):
    answers = [service.ask("GET", "/v1/model", token=f"bad.{i}.x")[0] for i in range(220)]
    burst = int(service.parts.caller._budgets.failures._burst)
    assert answers[:burst] == [401] * burst
    assert 429 in answers[burst:]


def test_the_budget_of_a_subject_is_exact(service):
    budgets = service.parts.caller._budgets
    budgets.subjects = Budget(rate=1e-9, burst=50)
    tokens = [service.token(), service.token(exp=int(time.time()) + 1234)]
    answers = [service.ask("GET", "/v1/model", token=tokens[i % 2])[0] for i in range(120)]
    assert answers == [200] * 50 + [429] * 70
    assert service.ask("GET", "/v1/model", token=service.token(sub="other"))[0] == 200


def test_the_budget_refills_at_its_rate_and_forgets_idle_callers():
    budget = Budget(rate=10, burst=5)
    assert [budget.take("a", 100.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert [budget.take("a", 100.1 + 1e-6) for _ in range(2)] == [True, False]
    assert budget.wait("a", 100.1) == pytest.approx(0.1, abs=1e-3)
    budget.forget(101.0)
    assert not budget._due


@pytest.mark.parametrize(("rate", "burst", "granted"), [(0, 3, 3), (5, 0, 0), (0, 1, 1)])
def test_a_budget_tightened_to_nothing_grants_nothing_more(rate, burst, granted):
    budget = Budget(rate, burst)
    assert sum(budget.take("a", 1.0) for _ in range(10)) == granted


def test_a_refusal_is_logged_without_the_token(service, monkeypatch):
    said = []
    monkeypatch.setattr(logs, "event", lambda name, **fields: said.append((name, fields)))
    token = issuer.mint(service.settings, "loan-app", aud="other")
    service.ask("GET", "/v1/model", token=token)
    assert said[0][0] == "caller_refused"
    assert token not in json.dumps(said, default=str)
    assert token.rpartition(".")[2] not in json.dumps(said, default=str)
