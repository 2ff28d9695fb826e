"""Proves SRV-03: what does not fit the contract is refused, what is unlike the training rows is not scored alone."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redoubt.errors import Refused
from redoubt.proof import proves
from redoubt.serving import api, policy

MARKER = "marker-of-an-applicant"
OUTSIDE = [("annual_income", 999), ("annual_income", 2e6 + 1), ("term_months", 12.5),
           ("housing", "castle"), ("annual_income", "5e4"), ("enquiries_6m", True)]  # fmt: skip
WORDS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
ANY = WORDS | st.lists(WORDS, max_size=2) | st.dictionaries(st.text(max_size=5), WORDS, max_size=2)
TESTS = settings(max_examples=60, deadline=None, derandomize=True, database=None,
                 suppress_health_check=list(HealthCheck))  # fmt: skip


def answer(service, row, **changes):
    return service.send(json.dumps({"inputs": row | changes}).encode())


@proves("SRV-03.1")
@TESTS
@given(name=st.sampled_from(["annual_income", "housing", "term_months", MARKER]), value=ANY)
def test_no_input_brings_a_server_error_or_an_echo(service, verdicts, name, value):
    found = answer(service, verdicts.row, **{name: value})
    assert found.status in (200, 422)
    assert MARKER.encode() not in found.body


@proves("SRV-03.1")
@TESTS
@given(
    body=st.binary(max_size=60) | st.just(b"[" * 60_000) | st.just(b'{"inputs":{"housing":' * 999)
)
def test_no_bytes_bring_a_server_error(service, body):
    assert service.send(body).status == 422


@proves("SRV-03.2")
def test_unknown_and_missing_fields_are_refused(service, verdicts):
    assert answer(service, verdicts.row).status == 200
    odd = answer(service, verdicts.row, sex="female"), answer(service, {})
    assert [one.status for one in (*odd, service.post(verdicts.row, model="x"))] == [422] * 3


@proves("SRV-03.3")
def test_nan_and_infinities_are_refused_even_where_there_is_no_range(service, verdicts):
    plain = verdicts.bundle.columns[0].model_copy(update={"low": None, "high": None})
    free = api.inputs_model([plain])
    assert free.model_validate({plain.name: 1.5})
    for value in (float("nan"), float("inf"), float("-inf")):
        assert answer(service, verdicts.row, annual_income=value).status == 422
        with pytest.raises(ValueError, match="finite"):
            free.model_validate({plain.name: value})


@proves("SRV-03.4")
def test_an_oversized_body_is_refused_however_it_is_sent(service):
    asked = {"token": service.token("loan-app"), "headers": {"Transfer-Encoding": "chunked"}}
    for chunks, status in ((9, 413), (5, 422)):
        body = b"%x\r\n%s\r\n" % (8000, b" " * 8000) * chunks + b"0\r\n\r\n"
        assert service.request("POST", "/v1/decisions", body=body, **asked).status == status
    assert service.send(b" " * 70_000).status == 413


@proves("SRV-03.5")
@pytest.mark.parametrize(("name", "value"), OUTSIDE)
def test_values_outside_the_contract_are_refused_by_name(service, verdicts, name, value):
    found = answer(service, verdicts.row, **{name: value})
    assert found.status == 422
    assert found.json()["fields"] == [name]


@proves("SRV-03.6")
def test_rows_unlike_the_training_rows_bring_the_action_of_the_tier(verdicts):
    assert verdicts() == {tier: (set(), "score", True) for tier in (1, 2, 3)}
    for kind, found in verdicts.unlike():
        actions = ("refer", "flag" if kind == "out_of_range" else "refer", "flag")
        expected = {
            tier: ({kind}, actions[tier - 1], actions[tier - 1] == "flag") for tier in found
        }
        assert found == expected


@proves("SRV-03.7")
def test_a_project_can_only_make_the_guard_stricter(tmp_path):
    (override := tmp_path / "conf" / "serving.yml").parent.mkdir()
    override.write_text("lists: {refuse: [out_of_range]}")
    assert policy.load(tmp_path, 1).action(["out_of_range"]) == "refuse"
    override.write_text("numbers: {budget: {burst: 9000}}")
    with pytest.raises(Refused, match="looser than the platform's floor"):
        policy.load(tmp_path, 1)


@proves("SRV-03.8")
def test_features_that_fail_on_a_row_refuse_that_row_only(verdicts):
    rows = [verdicts.row, verdicts.row | {"term_months": 13}]
    assert [one.action for one in verdicts.failing_at(13).decide(rows)] == ["score", "refuse"]
