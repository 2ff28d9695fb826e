"""Proves GATE-09: what is served is what was trained, judged and approved, in score and contract."""

from dataclasses import replace

from redoubt.gates.client import Answer
from redoubt.limits import holds
from redoubt.proof import proves
from redoubt.records import GateResult
from redoubt.serving import tls

GOLDEN, LOAD = 200, 240


@proves("GATE-09.1")
def test_the_graph_scores_as_the_recipe_and_a_changed_feature_does_not(parity):
    outcome, measured, _ = parity.offline()
    assert (outcome, measured["golden_rows"].value) == ("pass", GOLDEN)
    assert parity.offline(factor=1.01)[::2] == ("fail", {"score_gap"})
    first, *others = parity.bundle.golden.scores
    assert parity.offline(scores=(first + 1e-4, *others))[::2] == ("fail", {"score_gap"})


@proves("GATE-09.2")
def test_feature_code_that_is_not_the_bundles_is_named(parity):
    for name in ("features.py", "schema.py", "reasons.py"):
        outcome, _, reasons = parity.offline(manifest=parity.other_code(name))
        assert (outcome, [reason.split()[0] for reason in reasons]) == ("fail", [name])


@proves("GATE-09.2")
def test_a_model_is_never_measured_with_features_of_other_code(succession):
    assert [succession.first(other_code=other) for other in (False, True)] == ["pass", "error"]
    assert succession.outcome(0.99, other_code=False)[0] == "pass"  # paired: no record is needed
    assert [succession.outcome(auc)[0] for auc in (0.7, 0.99, None)] == ["pass", "fail", "error"]
    near, far = (succession.outcome(0.7, other_rows=other)[1] for other in (False, True))
    gain, auc = ("gain_over_champion_out_of_time", "auc_out_of_time")
    assert far[gain].low < near[gain].low == near[auc].low - 0.7


@proves("GATE-09.3")
def test_a_golden_set_that_shows_nothing_is_denied(parity):
    assert "declared_tolerance" in parity.offline(tolerance=0.1)[2]
    assert "golden_spread" in parity.offline(scores=(0.1,) * GOLDEN)[2]
    few = {name: values[:9] for name, values in parity.bundle.golden.inputs.items()}
    assert "golden_rows" in parity.offline(inputs=few, scores=parity.bundle.golden.scores[:9])[2]


@proves("GATE-09.4")
def test_the_running_service_gives_the_offline_scores(parity, service):
    outcome, measured, reasons = parity.live(service)
    assert (outcome, reasons, measured["rows_compared"].value) == ("pass", set(), GOLDEN)


@proves("GATE-09.4")
def test_rows_that_are_asked_for_at_once_get_each_its_own_score(verdicts):
    at_once, one_by_one = verdicts.together()
    assert len(set(at_once)) > GOLDEN / 2
    assert at_once == one_by_one


@proves("GATE-09.4")
def test_one_score_off_by_one_unit_or_rows_withheld_are_denied(parity):
    assert parity.replayed()[0] == "pass"
    for step in (0.001, -0.001):
        assert "score_gap" in parity.replayed(parity.score_off_by(step, 7, 7))[2]
    said = ({"score": None}, {"band": "Z"}, {"model": "sha256:0"}, {"action": "refer"})
    failed = parity.of_rows(lambda answer: replace(answer, status=500), 7, 7)
    changes = [failed, parity.score_off_by(1e-5, 7, 7), *(parity.saying(7, 7, **to) for to in said)]
    for change in changes:
        assert parity.replayed(change)[2] == {"golden row 6"}
    withheld = parity.saying(1, 30, action="refer", score=None, band=None)
    assert parity.replayed(withheld)[2] == {"withheld_share"}


@proves("GATE-09.5")
def test_another_digest_at_the_version_endpoint_is_denied(parity):
    def changed(path: str, answer: Answer) -> Answer:
        return replace(answer, body={"model": "sha256:0"}) if path == "/v1/model" else answer

    assert any("says it runs model sha256" in reason for reason in parity.replayed(changed)[2])


@proves("GATE-09.5")
def test_a_service_that_the_ca_does_not_vouch_for_at_this_name_is_an_error(
    parity, service, tmp_path
):
    tls.create_authority(tmp_path)
    assert parity.live(service, tmp_path / tls.CA)[0] == "error"
    assert parity.live(service, at=service.url.replace("127.0.0.1", "0.0.0.0"))[0] == "error"
    *_, reasons = parity.live(service, at=service.url.replace("https", "http"))
    assert reasons == {"BadInput"}  # it was not even asked


@proves("GATE-09.6")
def test_a_breach_of_the_api_contract_is_denied(parity):
    for breach in parity.breaches():
        assert "contract_breaches" in parity.replayed(breach)[2]


@proves("GATE-09.7")
def test_a_slow_tail_or_an_error_under_load_is_denied(parity):
    slow = parity.of_rows(lambda a: replace(a, seconds=0.4), GOLDEN + 1, GOLDEN + LOAD // 8)
    assert parity.replayed(slow)[2] == {"p95_milliseconds"}
    failed = parity.of_rows(lambda a: replace(a, status=503), GOLDEN + 5, GOLDEN + 5)
    assert parity.replayed(failed)[2] == {"load_errors"}


@proves("GATE-09.7")
def test_the_time_of_an_answer_begins_with_the_question(parity, service):
    assert 0.1 <= parity.timed(service, delay=0.1) < 2


@proves("GATE-09.8")
def test_the_model_passed_both_parity_gates(registered):
    newest = {r.gate: r for r in registered.ledger.all(GateResult, registered.digest)}
    for gate in ("parity-onnx", "parity-service"):
        assert gate in newest, f"gate {gate} has no result"
        assert newest[gate].outcome == "pass", f"gate {gate}: {'; '.join(newest[gate].reasons)}"
        limits = newest[gate].limits.items()
        assert all(holds(limit, newest[gate].measured[name]) for name, limit in limits)


@proves("GATE-09.10")
def test_its_floors_are_those_of_the_table(floors):
    assert floors.moved("GATE-09") == []
