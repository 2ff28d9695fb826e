"""Proves SRV-03: what does not fit the contract is refused, what is unlike the training rows is not scored alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redoubt.errors import BadInput
from redoubt.proof import proves
from redoubt.serving import api, policy

MARKER = "marker-of-an-applicant"
OUTSIDE = [("annual_income", 999), ("annual_income", 2e6 + 1), ("term_months", 12.5),
           ("housing", "castle"), ("annual_income", "5e4"), ("enquiries_6m", True)]  # fmt: skip
NAMES = st.sampled_from(["annual_income", "housing", "term_months", MARKER])
WORDS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
ANY = WORDS | st.lists(WORDS, max_size=2) | st.dictionaries(st.text(max_size=5), WORDS, max_size=2)
RAW = st.binary(max_size=60) | st.sampled_from([b"[" * 60_000, b'{"inputs":' * 999])


@proves("SRV-03.1")
@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(case=st.tuples(NAMES, ANY) | RAW)
def test_no_input_brings_a_server_error_or_an_echo(
    service, verdicts, case: tuple[str, object] | bytes
):
    row = verdicts.row
    found = service.send(case) if isinstance(case, bytes) else service.post(row | dict([case]))
    assert found.status in (200, 422)
    assert MARKER.encode() not in found.body


@proves("SRV-03.2")
def test_unknown_and_missing_fields_are_refused(service, verdicts):
    assert service.post(verdicts.row).status == 200
    for odd in (verdicts.row | {"sex": "female"}, {}):
        assert service.post(odd).status == 422
    assert service.post(verdicts.row, model="another").status == 422
    assert service.post(verdicts.row, reference="Jane Doe").status == 422


@proves("SRV-03.2", "SRV-03.5")
def test_a_batch_takes_nothing_that_the_service_refuses(logbook):
    odd = [{name: value} for name, value in (*OUTSIDE[:2], OUTSIDE[3])] + [
        {"reference": "Jane Doe"}
    ]
    summary, lines, results = logbook().batched({"reference": "case-1"}, *odd)
    assert (summary.unfit, len(lines)) == (len(odd), 201)
    said = [row["error"] for row in results[-len(odd) :]]
    assert said == [f"does not fit: {next(iter(change))}" for change in odd]
    assert "Jane Doe" not in str(results)


@proves("SRV-03.3")
def test_nan_and_infinities_are_refused_even_where_there_is_no_range(service, verdicts):
    plain = verdicts.bundle.columns[0].model_copy(update={"low": None, "high": None})
    free = api.inputs_model([plain])
    assert free.model_validate({plain.name: 1.5})
    for value in (float("nan"), float("inf"), float("-inf")):
        assert service.post(verdicts.row | {"annual_income": value}).status == 422
        with pytest.raises(ValueError, match="finite"):
            free.model_validate({plain.name: value})


@proves("SRV-03.4")
def test_an_oversized_body_is_refused_however_it_is_sent(service):
    token, chunked = service.token("loan-app"), {"Transfer-Encoding": "chunked"}
    for chunks, status in ((9, 413), (5, 422)):
        body = b"%x\r\n%s\r\n" % (8000, b" " * 8000) * chunks + b"0\r\n\r\n"
        asked = service.request("POST", "/v1/decisions", body=body, token=token, headers=chunked)
        assert asked.status == status
    assert service.send(b" " * 70_000).status == 413


@proves("SRV-03.5")
@pytest.mark.parametrize(("name", "value"), OUTSIDE)
def test_values_outside_the_contract_are_refused_by_name(service, verdicts, name, value):
    found = service.post(verdicts.row | {name: value})
    assert (found.status, found.json().get("fields")) == (422, [name])


@proves("SRV-03.5")
def test_free_text_is_short(verdicts):
    words = verdicts.bundle.columns[0].model_copy(update={"type": "text"})
    free = api.inputs_model([words])
    assert free.model_validate({words.name: "x" * 256})
    with pytest.raises(ValueError, match="at most 256"):
        free.model_validate({words.name: "x" * 257})


@proves("SRV-03.6")
def test_rows_unlike_the_training_rows_bring_the_action_of_the_tier(verdicts):
    assert verdicts() == {tier: (set(), "score", True) for tier in (1, 2, 3)}
    for kind, found in verdicts.unlike():
        middle = ("flag", True) if kind == "out_of_range" else ("refer", False)
        assert found == {
            1: ({kind}, "refer", False),
            2: ({kind}, *middle),
            3: ({kind}, "flag", True),
        }


@proves("SRV-03.6")
def test_the_running_service_acts_as_its_tier_says(service, verdicts):
    found = service.post(verdicts.row | {"annual_income": 2e6}).json()
    assert (found["action"], found["score"]) == ("refer", None)


@proves("SRV-03.7")
def test_a_project_can_only_make_the_guard_stricter(tmp_path):
    (override := tmp_path / "conf" / "serving.yml").parent.mkdir()
    override.write_text("lists: {refuse: [out_of_range]}")
    stricter = policy.load(tmp_path, 1, ())
    assert {stricter.action([kind]) for kind in ("out_of_range", "not_computable")} == {"refuse"}
    override.write_text("numbers: {budget: {burst: 9000}}")
    with pytest.raises(BadInput, match="looser than the platform's floor"):
        policy.load(tmp_path, 1, ())


@proves("SRV-03.8")
def test_features_that_fail_on_a_row_refuse_that_row_only(verdicts):
    rows = [verdicts.row, verdicts.row | {"term_months": 13}]
    assert [one.action for one in verdicts.failing_at(13).decide(rows)] == ["score", "refuse"]


@proves("SRV-03.10")
def test_its_floors_are_those_of_the_table(floors):
    assert floors.moved("SRV-03") == []
