"""The scoring core: the contract, the guard, the reasons, one row or many."""

import json

import numpy as np
import pytest

from redoubt import admission, bundle
from redoubt.errors import BadInput, Refused
from redoubt.ledger import Ledger
from redoubt.model import Features
from redoubt.profiles.pd.reference.model import MODEL
from redoubt.serving import policy
from redoubt.serving.api import InvalidRequest
from redoubt.serving.core import Core
from redoubt.settings import Settings


@pytest.fixture(scope="module")
def loaded(hand_released):
    settings = Settings(root=hand_released)
    digest = admission.promoted(Ledger(settings)).model
    return bundle.load(admission.folder(settings, digest), digest)


@pytest.fixture(scope="module")
def cores(loaded, hand_released):
    return {
        tier: Core(loaded, MODEL.features, policy.load(hand_released, tier, ()))
        for tier in (1, 2, 3)
    }


def body(good, *, reference=None, **changes):
    return json.dumps({"inputs": good | changes, "reference": reference}).encode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"annual_income": float("nan")}, "annual_income"),
        ({"annual_income": float("inf")}, "annual_income"),
        ({"annual_income": "50000"}, "annual_income"),
        ({"annual_income": True}, "annual_income"),
        ({"annual_income": None}, "annual_income"),
        ({"annual_income": 10}, "annual_income"),
        ({"term_months": 12.5}, "term_months"),
        ({"term_months": 121}, "term_months"),
        ({"housing": "castle"}, "housing"),
        ({"utilisation": {}}, "utilisation"),
    ],
)
def test_a_value_outside_the_contract_is_refused_by_name(cores, good, changes, field):
    with pytest.raises(InvalidRequest) as refused:
        cores[1].read(body(good, **changes))
    assert refused.value.fields == (field,)


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"{}", b'{"inputs": null}', b"\xff\xfe", b"[" * 60_000,
     b'{"inputs": {"annual_income": 1e999}}'],
)  # fmt: skip
def test_anything_but_a_request_is_refused(cores, data):
    with pytest.raises(InvalidRequest):
        cores[1].read(data)


@pytest.mark.parametrize(
    "extra",
    [{"sex": "female"}, {"<script>": 1}, {"reference": "a name"}, {"reference": "x" * 65}],
)
def test_unknown_fields_are_refused_without_an_echo(cores, good, extra):
    with pytest.raises(InvalidRequest) as refused:
        cores[1].read(body(good, **extra))
    assert set(refused.value.fields) <= set(good)


def test_a_good_request_is_read(cores, good):
    assert cores[1].read(body(good, reference="A-1")) == (good, "A-1")
    assert cores[1].check(good) == good


@pytest.mark.parametrize(
    ("changes", "kind", "field", "actions"),
    [
        ({"housing": "other"}, "unseen_level", "housing", ("refer", "refer", "flag")),
        ({"requested_amount": 249_000.0}, "out_of_range", "requested_amount", ("refer", "flag", "flag")),
    ],
)  # fmt: skip
def test_rows_unlike_the_training_rows_bring_the_tiers_action(
    cores, good, changes, kind, field, actions
):
    for tier, action in zip((1, 2, 3), actions, strict=True):
        outcome = cores[tier].decide([good | changes])[0]
        assert (kind, field) in {(found.kind, found.field) for found in outcome.findings}
        assert outcome.action == action or outcome.action == "refer"
        assert (outcome.score is None) == (outcome.action == "refer")


def test_a_row_of_usual_values_in_an_unusual_combination_is_noticed(loaded, cores):
    # each feature is within what training saw, but two that go together are set apart
    mean, white = np.array(loaded.support.mean), np.array(loaded.support.whitening)
    inside, outside = mean.astype(np.float32), mean.astype(np.float32)
    outside = (mean + np.linalg.inv(white)[:, 0] * loaded.support.distance * 1.1).astype(np.float32)
    guard = cores[1]._guard
    assert guard.outside(np.stack([inside, outside])).tolist() == [False, True]


def test_a_missing_feature_counts_as_its_mean(loaded, cores):
    row = np.array(loaded.support.mean, dtype=np.float32)
    row[0] = np.nan
    assert not cores[1]._guard.outside(row[None]).any()


def test_many_rows_come_out_as_one_by_one(cores, applicants):
    rows = applicants(40, seed=3)
    assert cores[1].decide(rows) == [cores[1].decide([row])[0] for row in rows]


def test_the_shown_score_is_rounded_and_lies_in_its_band(loaded, cores, applicants):
    for row, outcome in zip(rows := applicants(60, seed=4), cores[3].decide(rows), strict=True):
        exact = float(cores[3].scores([row])[0])
        assert outcome.score == round(exact, loaded.bands.digits)
        index = loaded.bands.names.index(outcome.band)
        assert outcome.score < loaded.bands.edges[index] or index == len(loaded.bands.edges) - 1
        assert index == 0 or outcome.score >= loaded.bands.edges[index - 1]


def test_moving_the_first_reason_to_its_reference_lowers_the_score(loaded, cores, applicants):
    core, checked = cores[3], 0
    for row in applicants(30, seed=5):
        outcome = core.decide([row])[0]
        if not outcome.reasons:
            continue
        index = MODEL.features.names.index(outcome.reasons[0].feature)
        better = core.matrix([row]).copy()
        better[0, index] = loaded.support.reference[index]
        assert core._scorer.score(better)[0] < core.scores([row])[0]
        checked += 1
    assert checked > 10


def test_reasons_differ_between_cases_and_are_at_most_four(cores, applicants):
    outcomes = cores[3].decide(applicants(60, seed=6))
    assert len({outcome.reasons for outcome in outcomes}) > 5
    assert all(len(outcome.reasons) <= 4 for outcome in outcomes)


def test_a_row_at_the_reference_has_no_reason(loaded, cores):
    reference = np.array([loaded.support.reference], dtype=np.float32)
    reasons = cores[1]._reasons
    answers = cores[1]._scorer.score(reasons.questions(reference))
    assert reasons.of(reasons.contributions(answers)[0].tolist()) == []


def test_features_that_fail_refuse_their_row_and_no_other(loaded, hand_released, good):
    def compute(columns):
        if (columns["term_months"] == 13).any():
            raise ZeroDivisionError("marker-of-a-value")
        return MODEL.features.compute(columns)

    features = Features(MODEL.features.names, compute)
    core = Core(loaded, features, policy.load(hand_released, 1, ()))
    good, bad = core.decide([good, good | {"term_months": 13}])
    assert good.action == "score"
    assert (bad.action, bad.score) == ("refuse", None)
    assert "not_computable" in {finding.kind for finding in bad.findings}


def test_a_bundle_of_other_features_is_refused(loaded, hand_released):
    other = Features(("other",), MODEL.features.compute)
    with pytest.raises(Refused, match="features of this code"):
        Core(loaded, other, policy.load(hand_released, 1, ()))


def test_a_project_may_only_tighten_the_guard(tmp_path):
    (tmp_path / "conf").mkdir()
    override = tmp_path / "conf" / "serving.yml"
    override.write_text("lists: {refuse: [out_of_range]}\n")
    assert policy.load(tmp_path, 3, ()).action(["out_of_range"]) == "refuse"
    override.write_text("numbers: {budget: {burst: 1000000}}\n")
    with pytest.raises(BadInput, match="floor"):
        policy.load(tmp_path, 1, ())
    override.write_text("lists: {refer: [typo]}\n")
    with pytest.raises(BadInput, match="typo"):
        policy.load(tmp_path, 1, ())
