"""The service as a process: TLS, start and refusal, client certificates, fuzzing, what it prints."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzzing
from hypothesis import strategies as st

from redoubt import clock, processes
from redoubt.ledger import Ledger
from redoubt.records import Approval
from redoubt.release import issuer
from redoubt.serving import handle, loader, policy, server, tls
from redoubt.settings import Settings

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=10,
)


def start(root, *arguments, **extra):
    """Run the service to its end and return the finished process."""
    environment = processes.child_environment(root, {"REDOUBT_ROOT": str(root)} | extra)
    command = [
        sys.executable,
        "-m",
        "redoubt.serving",
        "--port",
        str(processes.free_port()),
        *arguments,
    ]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=90, check=False
    )


def test_it_speaks_tls_only(live):
    host, port = live.url.removeprefix("https://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.request("GET", "/livez")
    with pytest.raises((OSError, http.client.HTTPException)):
        connection.getresponse()
    assert live.get("/livez").status == 200


def test_old_tls_is_refused(live):
    context = live.context()
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        _handshake(live, context)


def test_a_client_that_trusts_another_authority_does_not_connect(live):
    with pytest.raises(ssl.SSLCertVerificationError):
        _handshake(live, ssl.create_default_context())


def _handshake(live, context):
    with _wrapped(live, context) as connection:
        return connection.version()


def _wrapped(live, context):
    host, port = live.url.removeprefix("https://").split(":")
    plain = socket.create_connection((host, int(port)), timeout=5)
    return context.wrap_socket(plain, server_hostname=host)


def test_a_decision_over_the_wire(live, good):
    answer = live.post(good)
    assert answer.status == 200
    assert answer.json()["action"] == "score"
    assert "server" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


@fuzzing(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.sampled_from(["annual_income", "housing", "utilisation", "extra"]), value=JSON)
def test_no_input_brings_a_server_error_or_an_echo(live, good, name, value):
    body = json.dumps({"inputs": good | {name: value}}).encode()
    answer = live.send(body)
    assert answer.status in (200, 422)
    if answer.status == 422:
        assert set(answer.json()["fields"]) <= set(good)


@fuzzing(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=200))
def test_no_bytes_bring_a_server_error(live, body):
    assert live.send(body).status == 422


def test_a_missing_promotion_stops_the_start(released_copy):
    (released_copy / "var" / "records" / "ledger.jsonl").unlink()
    (released_copy / "var" / "checkpoints" / "ledger.json").unlink()
    done = start(released_copy)
    assert done.returncode == 1
    assert "No model is promoted" in done.stderr


def test_an_expired_approval_stops_the_start(released_copy):
    ledger = Ledger(Settings(root=released_copy))
    old = ledger.newest(Approval)
    ledger.append(old.model_copy(update={"expires": clock.now() - timedelta(seconds=1)}))
    done = start(released_copy)
    assert done.returncode == 1
    assert "expired" in done.stderr


def test_a_flipped_byte_stops_the_start(released_copy):
    path = next((released_copy / "var" / "bundles").glob("*/model.onnx"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    done = start(released_copy)
    assert done.returncode == 1
    assert "model.onnx does not match the manifest" in done.stderr


def test_a_port_in_use_is_said_with_a_remedy(released_copy):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = start(released_copy, "--port", port)
    assert done.returncode == 3
    assert f"Port {port} on 127.0.0.1 is in use." in done.stderr
    assert "--port" in done.stderr


def test_a_candidate_is_for_loopback_only(released_copy):
    done = start(released_copy, "--candidate", "0", REDOUBT_HOST="0.0.0.0")
    assert done.returncode == 1
    assert "A candidate is not served on 0.0.0.0" in done.stderr


def test_client_certificates_are_required_where_a_client_ca_is_set(released_copy, tmp_path):
    settings, clients = Settings(root=released_copy), tmp_path / "clients"
    tls.create_authority(clients, "Clients")
    tls.issue(clients, "caller", ("caller",), ExtendedKeyUsageOID.CLIENT_AUTH)
    tls.create_authority(tmp_path / "strangers", "Strangers")
    tls.issue(tmp_path / "strangers", "caller", ("caller",), ExtendedKeyUsageOID.CLIENT_AUTH)
    pair = (clients / "caller.pem", clients / "caller-key.pem")
    extra = {"REDOUBT_CLIENT_CA": str(clients / tls.CA)}
    with handle.running(settings, lambda who: issuer.mint(settings, who), environment=extra,
                        certificate=pair, seconds=90) as service:  # fmt: skip
        assert service.get("/livez").status == 200
        for other in (None, tuple(tmp_path / "strangers" / path.name for path in pair)):
            service.close()
            service.certificate = other
            with pytest.raises((ssl.SSLError, OSError)):
                service.get("/livez")


def test_other_team_code_is_refused_by_name(hand_released, monkeypatch):
    settings = Settings(root=hand_released)
    loaded = loader.load(settings, _project(hand_released))
    digests_ = dict(loaded.admitted.bundle.manifest.serving_code) | {"features.py": "sha256:0"}
    monkeypatch.setattr(loader.model, "serving_code", lambda team: digests_)
    with pytest.raises(loader.Refused, match=r"features\.py is not the code"):
        loader.check_code(loaded.admitted, loaded.team)


def _project(root):
    from redoubt import project

    return project.load(root)


def test_a_candidate_is_named_by_a_unique_prefix(hand_released):
    settings = Settings(root=hand_released)
    digest = loader.wanted(settings, None)
    assert loader.wanted(settings, digest[:12]) == digest
    for odd in ("", "sha256:", "ffffffffffff"):
        with pytest.raises(loader.BadInput, match="names"):
            loader.wanted(settings, odd)


def test_outside_development_a_key_in_the_checkout_is_refused(tmp_path):
    settings = Settings(root=tmp_path, environment="production")
    with pytest.raises(tls.Refused, match="lies in the checkout"):
        tls.prepare(settings)


def test_a_development_certificate_is_made_once_and_kept_private(tmp_path):
    settings = Settings(root=tmp_path)
    tls.prepare(settings)
    first = settings.tls_certificate.read_bytes()
    tls.prepare(settings)
    assert settings.tls_certificate.read_bytes() == first
    assert settings.tls_key.stat().st_mode & 0o077 == 0


def test_no_core_is_dumped():
    code = "from redoubt.serving import server; server._without_core_dumps(); import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    assert done.stdout.strip() == "(0, 0)"


def test_proxy_headers_and_banners_are_off(tmp_path):
    settings = Settings(root=tmp_path)
    tls.prepare(settings)
    rules = policy.load(tmp_path, 1, ())
    options = server.options(settings, rules)
    assert not options["proxy_headers"]
    assert not options["access_log"]
    assert options["ssl_context_factory"](None, None).minimum_version >= ssl.TLSVersion.TLSv1_2
    shutil.rmtree(settings.state)
    with pytest.raises(tls.Unavailable, match="cannot be read"):
        server.options(settings, rules)


def test_an_idle_connection_does_not_hold_the_others(live, good):
    with _wrapped(live, live.context()) as idle:
        idle.sendall(b"POST /v1/decisions HTTP/1.1\r\nHost: x\r\n")
        began = time.monotonic()
        assert live.post(good).status == 200
        assert time.monotonic() - began < 5
