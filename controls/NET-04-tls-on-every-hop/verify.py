"""Proves NET-04: every hop is TLS of 1.2 or newer with a verified certificate; plaintext is refused."""

import json
import os
import re

import pytest

from redoubt import runstore
from redoubt.errors import Refused
from redoubt.infra import containers, store
from redoubt.infra.policies import estate, perimeter
from redoubt.infra.reading import texts
from redoubt.infra.statements import actions, allows, listed, principals
from redoubt.proof import proves
from redoubt.settings import Settings

MODERN = re.compile(r"ELBSecurityPolicy-TLS13-1-(3|2|2-Res)(-FIPS)?-20\d\d-\d\d")
FILES = "/run/redoubt/tls.pem", "/run/redoubt/tls-key.pem"
PLAINTEXT = {"Bool": {"aws:SecureTransport": "false"}}
REFUSED = (PLAINTEXT, {"NumericLessThan": {"s3:TlsVersion": "1.2"}})
# Does the server prove who it is?
STORES = {
    "http://mlflow.bank.test": False,
    "postgresql://mlflow.bank.test/runs?sslmode=require": False,
    "postgresql://mlflow.bank.test/runs?sslmode=verify-full": True,
    "https://mlflow.bank.test": True,
}
OPEN = re.compile(r"(?<![\w-])(http|ftp|ws|redis|amqp|mlflow\+http)://", re.IGNORECASE)


@proves("NET-04.1")
def test_every_listener_ends_tls_of_1_2_or_newer_or_hands_it_on_to_the_store(planned):
    listeners, groups = (
        planned.of("aws_lb_listener"),
        planned.of("aws_lb_target_group", "aws_alb_target_group"),
    )
    for items in listeners, groups:
        assert [i.module for i in items if i.values["protocol"] not in ("TLS", "HTTPS")] == ["module.secrets."]  # fmt: skip
    ended = [one for one in listeners if one.module != "module.secrets."]
    assert [i.address for i in ended if not (MODERN.fullmatch(i.values.get("ssl_policy") or "") and i.has("certificate_arn"))] == []  # fmt: skip
    assert {one.values["health_check"][0]["protocol"] for one in groups} == {"HTTPS"}


@proves("NET-04.2")
def test_the_gateway_asks_the_service_over_tls_and_verifies_its_certificate(planned):
    asked = planned.of("aws_api_gateway_integration")
    assert asked
    assert [i.address for i in asked if not i.values["uri"].startswith("https://")] == []
    verified = [{"insecure_skip_verification": False}]
    assert [i.address for i in asked if i.values["tls_config"] != verified] == []


@proves("NET-04.3")
def test_the_database_takes_tls_only_and_mlflow_verifies_whom_it_asks(planned):
    (database,) = planned.of("aws_db_instance")
    (held,) = planned.referred(database, "parameter_group_name")
    said = {one["name"]: one["value"] for one in held.values["parameter"]}
    assert said.get("rds.force_ssl") == "1"
    assert said.get("ssl_min_protocol_version") in ("TLSv1.2", "TLSv1.3")
    server = containers.task(planned, "tracking").containers["tracking"]
    given = {one["name"]: one["value"] for one in server["environment"]}
    assert given.get("PGSSLMODE") == "verify-full"
    assert given.get("PGSSLROOTCERT")
    assert "?" not in given["MLFLOW_BACKEND_STORE_URI"]


@proves("NET-04.4")
def test_buckets_and_topics_refuse_plaintext_and_old_tls(planned, policies):
    judged = estate.read(policies).guards
    assert set(planned.values("aws_s3_bucket", "bucket")) <= judged.keys()
    found = perimeter.buckets(policies)
    assert [str(one) for one in found if one.control == "NET-04"] == []
    for item in planned.of("aws_s3_bucket_policy"):
        whole = [(sorted(listed(s["Resource"])), actions(s), principals(s)) for s in item.policy()
                 if not allows(s) and s.get("Condition") in REFUSED]  # fmt: skip
        arn = f"arn:aws:s3:::{item.values['bucket']}"
        assert whole == [([arn, f"{arn}/*"], ["s3:*"], ["*"])] * 2, item.address
    topics = planned.of("aws_sns_topic_policy")
    assert {t.address for p in topics for t in planned.referred(p, "arn")} == {t.address for t in planned.of("aws_sns_topic")}  # fmt: skip
    for topic in topics:
        refused = [(actions(s), principals(s)) for s in topic.policy()
                   if not allows(s) and s.get("Condition") == PLAINTEXT]  # fmt: skip
        assert refused == [(["sns:Publish"], ["*"])], topic.address
    told = planned.of("aws_sns_topic_subscription")
    assert [one.address for one in told if one.values["protocol"] not in ("https", "lambda", "sqs")] == []  # fmt: skip


@proves("NET-04.5")
def test_each_server_is_given_its_certificate_and_no_container_a_plaintext_address(planned):
    serving = containers.task(planned, "serving").containers["serving"]
    given = {one["name"]: one["value"] for one in serving["environment"]}
    assert (given.get("REDOUBT_TLS_CERTIFICATE"), given.get("REDOUBT_TLS_KEY")) == FILES
    everyone = [one for name in ("serving", "tracking", "training")
                for one in containers.task(planned, name).containers.values()]  # fmt: skip
    assert [text for one in everyone for part in (one["environment"], one.get("command"), one.get("entryPoint"))
            for text in texts(part) if OPEN.search(text)] == []  # fmt: skip


@proves("NET-04.6")
def test_the_store_ends_tls_itself_and_its_nodes_verify_each_other(planned):
    nodes = store.nodes(planned)
    assert len(nodes) == 3
    for node in nodes.values():
        for one in (listeners := store.listeners(node)):
            assert one.get("tls_min_version") in ("tls12", "tls13")
            assert one.get("tls_cert_file")
            assert not one.get("tls_disable")
        peers = store.peers(node)
        assert (len(listeners), len(peers)) == (1, 2)
        addresses = [node["api_addr"], node["cluster_addr"], *(p["leader_api_addr"] for p in peers)]
        assert [one for one in addresses if not one.startswith("https://")] == []
        assert all(p.get("leader_ca_cert_file") and p.get("leader_tls_servername") for p in peers)


@proves("NET-04.7")
def test_the_service_and_its_clients_take_nobody_at_his_word(spoken, mistrusted):
    assert spoken == ["TLSv1_2", "TLSv1_3"]
    taken = {who for who, went_on in mistrusted.items() if went_on}
    assert taken == {"a client that knows it", "the gate"}


@proves("NET-04.8")
def test_mlflow_started_as_its_task_starts_it_speaks_tls_only(recorder):
    seen = json.loads((recorder / "seen.json").read_text())
    assert seen == {"spoken": ["TLSv1_2", "TLSv1_3"], "speaks HTTP": False}


@proves("NET-04.9")
def test_nothing_in_the_project_goes_on_without_a_verified_certificate(unverified):
    assert unverified == []


@proves("NET-04.10")
@pytest.mark.parametrize("uri", STORES)
def test_outside_development_runs_are_told_to_a_server_that_proves_who_it_is(uri, tmp_path):
    for place in ("validation", "production"):
        with pytest.raises(Refused) as refusal:
            Settings(root=tmp_path, environment=place, tracking_uri=uri).require_safe()
        assert ("REDOUBT_TRACKING_URI" in refusal.value.message) is not STORES[uri]


@proves("NET-04.10")
def test_nobody_lets_mlflow_take_any_certificate(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
    runstore.client(Settings(root=tmp_path))
    assert os.environ["MLFLOW_TRACKING_INSECURE_TLS"] == "false"
