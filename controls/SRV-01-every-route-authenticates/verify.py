"""Proves SRV-01: nobody gets an answer without proving who they are, on any route."""

import ssl
import time

from redoubt.proof import proves
from redoubt.serving import tls
from redoubt.settings import Settings

PROBES = {("GET", "/livez"), ("GET", "/readyz")}
APP, SCRAPER = "loan-app", "prometheus"
HIDDEN = ("/docs", "/redoc", "/health", "/status", "/version", "/v1/model/")


@proves("SRV-01.1")
def test_every_route_but_the_probes_asks_for_a_token(service, routes):
    assert set(routes.paths) > PROBES
    for method, path in routes.paths:
        body, who = (b"{}" if method == "POST" else None), SCRAPER if path == "/metrics" else APP
        asked = [service.request(method, path, body=body, token=token).status
                 for token in (None, service.token(who))]  # fmt: skip
        known = [401, 422 if method == "POST" else 200]
        assert asked == ([200, 200] if (method, path) in PROBES else known), path


@proves("SRV-01.1")
def test_nothing_stands_before_the_routes_and_nothing_can_be_added(routes):
    assert (routes.strange, routes.added) == ([], [])


@proves("SRV-01.2")
def test_a_forged_or_foreign_token_is_refused(service, forgeries):
    good = service.token(APP)
    assert service.get("/v1/model", good).status == 200
    for kind, token in forgeries(Settings(root=service.root), good).items():
        assert service.get("/v1/model", token).status == 401, kind


@proves("SRV-01.3")
def test_probes_are_empty_and_nothing_is_described_to_strangers(service):
    for _, path in PROBES:
        found = service.get(path)
        assert (found.status, found.body, len(found.headers)) == (200, b"", 2)  # date and length
    for answer in map(service.get, HIDDEN):
        assert (answer.status, answer.body) == (404, b'{"error":"not_found","fields":[]}')


@proves("SRV-01.4")
def test_clients_need_a_certificate_where_it_is_asked_for(certified):
    assert certified == {"known": True, "stranger": False, "nobody": False}


@proves("SRV-01.5")
def test_a_token_opens_only_the_routes_of_its_scope(service):
    app, metrics = service.token(APP), service.token(SCRAPER)
    assert [service.get("/v1/model", token).status for token in (app, metrics)] == [200, 403]
    assert [service.get("/metrics", token).status for token in (app, metrics)] == [403, 200]


@proves("SRV-01.5")
def test_no_route_answers_a_known_caller_of_another_scope(service, routes):
    guarded = [route for route in routes.paths if route not in PROBES]
    for method, path in guarded:
        body, who = (b"{}" if method == "POST" else None), APP if path == "/metrics" else SCRAPER
        found = service.request(method, path, body=body, token=service.token(who))
        assert found.status == 403, path


@proves("SRV-01.6")
def test_a_token_that_was_accepted_is_refused_once_it_has_expired(service):
    token = service.token(APP, exp=int(time.time()) + 2)
    assert service.get("/v1/model", token).status == 200
    time.sleep(2.1)
    assert service.get("/v1/model", token).status == 401


@proves("SRV-01.6")
def test_a_token_in_use_is_refused_as_soon_as_its_key_is_gone(withdrawn):
    assert withdrawn == [200, 401, 200]


@proves("SRV-01.7")
def test_a_stranger_is_refused_before_anything_is_parsed(service):
    for body in (b"{", b"x" * 70_000):
        assert service.request("POST", "/v1/decisions", body=body).status == 401
    assert service.send(b"{").status == 422


@proves("SRV-01.8")
def test_it_speaks_tls_1_2_or_newer_only(service, spoken):
    assert tls.context(Settings(root=service.root)).minimum_version >= ssl.TLSVersion.TLSv1_2
    assert spoken == ["TLSv1_2", "TLSv1_3"]


@proves("SRV-01.10")
def test_a_client_that_holds_back_is_cut_and_a_slow_one_is_answered(tricklers):
    assert tricklers.slow() == b"HTTP/1.1 200 OK"
    for who, seconds, most in tricklers.cut():
        assert 0.9 < (seconds or 99) < most, who


@proves("SRV-01.10")
def test_a_connection_that_is_not_used_is_not_kept(routes):
    assert 0 < routes.idle_seconds <= 30


@proves("SRV-01.12")
def test_one_connection_too_many_is_told_so_and_served_when_others_have_left(routes, tricklers):
    assert 0 < (routes.most_connections or 0) <= 1024
    served, refused = b"HTTP/1.1 200 OK", b"HTTP/1.1 503 Service Unavailable"
    assert tricklers.crowd() == [served, refused, served]


@proves("SRV-01.11")
def test_its_floors_are_those_of_the_table(floors):
    assert floors.moved("SRV-01") == []
