"""Tokens and duties: who is acting, and what nobody may do twice over."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path

import jwt
import pytest

from redoubt import identity, signing
from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.identity import NotAuthenticated, Verifier
from redoubt.release import issuer
from redoubt.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(root=tmp_path)
    issuer.prepare(found)
    return found


def segment(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_minted_token_gives_the_identity_with_its_roles(settings):
    ada = issuer.identity(settings, "ada")
    assert (ada.subject, ada.roles) == ("ada", {"approver", "validator"})
    assert issuer.identity(settings, "loan-app").scopes == {"score"}


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 1},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://another.invalid"},
        {"sub": ""},
        {"sub": None},
        {"roles": "approver"},
        {"scope": ["score"]},
        {"padding": "x" * 9000},
    ],
    ids=lambda claims: "-".join(
        f"{k}={'a time' if isinstance(v, int) else str(v)[:12]}" for k, v in claims.items()
    ),
)
def test_a_token_with_a_wrong_claim_is_refused(settings, claims):
    with pytest.raises(NotAuthenticated):
        issuer.identity(settings, "ada", **claims)


def forged(settings: Settings, header: dict[str, object], sign: str) -> str:
    """Return a token with another header; ``sign`` says with what it is signed."""
    _, payload, signature = issuer.mint(settings, "ada").split(".")
    start = f"{segment(header)}.{payload}"
    public = signing.public_pem(settings.state / "issuer" / "issuer.pem").encode()
    if sign == "public key":
        signature = segment(hmac.new(public, start.encode(), hashlib.sha256).digest())
    return f"{start}.{'' if sign == 'nothing' else signature}"


@pytest.mark.parametrize(
    ("algorithm", "sign"),
    [("none", "nothing"), ("None", "nothing"), ("HS256", "public key"), ("RS256", "old")],
)
def test_a_token_of_another_algorithm_is_refused(settings, algorithm, sign):
    kid = jwt.get_unverified_header(issuer.mint(settings, "ada"))["kid"]
    token = forged(settings, {"alg": algorithm, "typ": "JWT", "kid": kid}, sign)
    with pytest.raises(NotAuthenticated):
        Verifier.from_settings(settings).verify(token)


@pytest.mark.parametrize(
    "token",
    ["", "a.b", "a.b.c", "é.é.é", ".".join(["x" * 4000] * 3), segment(b"[" * 4000) + ".e30.e30"],
    ids=["empty", "two parts", "no JSON", "not ASCII", "oversized", "deep"],
)  # fmt: skip
def test_what_is_no_token_is_refused(settings, token):
    with pytest.raises(NotAuthenticated):
        Verifier.from_settings(settings).verify(token)


def test_a_token_signed_with_another_key_under_the_known_name_is_refused(settings, tmp_path):
    other = Settings(root=tmp_path / "other")
    token = issuer.mint(other, "ada")
    kid = jwt.get_unverified_header(issuer.mint(settings, "ada"))["kid"]
    key = (other.state / "issuer" / "issuer.pem").read_bytes()
    claims = jwt.decode(token, options={"verify_signature": False})
    for name in (kid, "unknown", ["a"]):
        forged = jwt.encode(claims, key, "ES256", headers={"kid": name} if name == kid else None)
        with pytest.raises(NotAuthenticated):
            Verifier.from_settings(settings).verify(forged)


def test_a_changed_claim_breaks_the_signature(settings):
    header, _, signature = issuer.mint(settings, "mira").split(".")
    other = issuer.mint(settings, "ada").split(".")[1]
    with pytest.raises(NotAuthenticated):
        Verifier.from_settings(settings).verify(f"{header}.{other}.{signature}")


def test_a_broken_key_set_is_told_as_absent(settings):
    for content in ("", "[]", '{"keys": [{"kty": "none"}]}'):
        settings.jwks.write_text(content)
        with pytest.raises(Unavailable, match="jwks"):
            Verifier.from_settings(settings)


def test_nobody_is_signed_in_without_a_token(settings):
    with pytest.raises(Unavailable, match="Nobody is signed in"):
        identity.acting(settings)
    (settings.state / "issuer" / "token").write_text(issuer.mint(settings, "mira"))
    assert identity.acting(settings).subject == "mira"


def test_no_role_of_the_platform_holds_a_toxic_pair(tmp_path):
    assert identity.duties(tmp_path).conflicts() == []


@pytest.mark.parametrize(
    ("roles", "error"),
    [
        ("{developer: [train, register, judge, approve]}", BadInput),
        ("{approver: [approve, promote]}", BadInput),
        ("{owner: [approve]}", BadInput),
        ("{developer: train}", BadInput),
        ("[developer]", BadInput),
        ("{developer: [", BadInput),
    ],
)
def test_an_override_that_adds_a_duty_or_is_nonsense_is_refused(tmp_path, roles, error):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "roles.yml").write_text(f"roles: {roles}\n")
    with pytest.raises(error):
        identity.duties(tmp_path)


def test_an_override_may_take_a_duty_away(settings):
    mira = issuer.identity(settings, "mira")
    identity.duties(settings.root).require(mira, "register")
    (settings.root / "conf").mkdir()
    (settings.root / "conf" / "roles.yml").write_text("roles: {developer: [train]}\n")
    with pytest.raises(Refused, match="may not register"):
        identity.duties(settings.root).require(mira, "register")


def test_a_person_with_two_harmless_roles_may_not_do_a_toxic_pair(settings):
    both = issuer.identity(settings, "zoe", roles=["developer", "approver"])
    for action in ("train", "approve"):
        with pytest.raises(Refused, match="approve"):
            identity.duties(settings.root).require(both, action)
    identity.duties(settings.root).require(both, "judge")


def test_two_spellings_are_one_person():
    assert identity.same_person("Mira", " mira ")
    assert not identity.same_person("mira", "ada")
