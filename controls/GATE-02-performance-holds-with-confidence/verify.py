"""Proves GATE-02: a model passes only if it is good enough at the unfavourable confidence bound."""

from redoubt import admission
from redoubt.limits import holds
from redoubt.proof import proves
from redoubt.records import GateResult

SAMPLES = ("out_of_sample", "out_of_time")
MEASURES = ("auc", "gini", "brier", "brier_skill", "default_ratio", "grade_p")


def both(*names: str) -> set[str]:
    return {f"{name}_{sample}" for name in names for sample in SAMPLES}


@proves("GATE-02.1")
def test_a_healthy_model_passes_with_every_measure_on_both_samples(contest):
    outcome, measured, blamed = contest.of().outcome()
    assert (outcome, blamed) == ("pass", set())
    assert both(*MEASURES) <= measured.keys()
    sizes = {measured[f"auc_{sample}"].n for sample in SAMPLES}
    assert len(sizes) == 2


@proves("GATE-02.1")
def test_each_measure_is_what_its_definition_gives(contest):
    case = contest.of()
    measured = case.outcome()[1]
    for sample in SAMPLES:
        for name, value in case.defined(sample).items():
            assert abs(measured[f"{name}_{sample}"].value - value) < 1e-9, name
        days = case.days(sample), case.days("train")
        assert (days[0].min() > days[1].max()) is (sample == "out_of_time")


@proves("GATE-02.2")
def test_a_limit_between_the_bound_and_the_value_denies(contest):
    case = contest.of()
    for name, side in (("auc_out_of_time", "low"), ("default_ratio_out_of_time", "high")):
        metric = case.outcome()[1][name]
        bound = getattr(metric, side)
        assert case.outcome(**{name: bound})[0] == "pass"
        assert case.outcome(**{name: (metric.value + bound) / 2})[::2] == ("fail", {name})


@proves("GATE-02.2")
def test_the_interval_covers_a_known_truth_about_95_times_in_100(contest):
    assert 0.9 <= contest.coverage() < 1
    case = contest.of()
    assert all(0.9 < case.width(sample) < 1.1 for sample in SAMPLES)


@proves("GATE-02.3")
def test_a_model_that_learnt_from_shuffled_labels_is_denied(contest):
    case = contest.of()
    # its monotone constraints still tell good from bad a little: the challenger shows it up
    assert both("gain_over_challenger") <= case.outcome(case.learnt_from_shuffled_labels())[2]
    assert both("auc", "brier_skill") <= case.outcome(contest.shuffled)[2]


@proves("GATE-02.3")
def test_a_model_that_is_worse_than_the_challenger_or_on_one_sample_is_denied(contest):
    case = contest.of()
    assert both("gain_over_challenger") <= case.outcome(contest.blurred)[2]
    for sample in SAMPLES:
        _, _, blamed = case.outcome(case.only_on(sample, contest.halved))
        assert {name.partition("_out")[2] for name in blamed} == {sample.removeprefix("out")}


@proves("GATE-02.4")
def test_probabilities_halved_are_denied_in_total_and_by_grade(contest):
    _, _, blamed = contest.of().outcome(contest.halved)
    assert both("default_ratio", "grade_p") <= blamed


@proves("GATE-02.4")
def test_one_grade_that_is_a_quarter_too_low_is_enough(contest):
    case = contest.of()
    assert case.grade_p() > 0.5
    assert all(case.grade_p(grade) < 0.001 for grade in range(len(case.bundle.bands.names)))


@proves("GATE-02.5")
def test_the_champion_minus_the_margin_is_denied_and_the_champion_itself_is_not(contest):
    case = contest.of()
    assert case.outcome(champion=True)[0] == "pass"
    assert not both("gain_over_champion") & case.outcome(contest.blurred)[2]
    assert both("gain_over_champion") <= case.outcome(contest.blurred, champion=True)[2]


@proves("GATE-02.5")
def test_the_promoted_model_is_the_champion_that_the_next_one_meets(trial):
    judged = trial().judge("performance")
    assert both("gain_over_champion") <= judged.limits.keys()
    assert all(judged.measured[name].value == 0 for name in both("gain_over_champion"))


@proves("GATE-02.6")
def test_rows_that_are_in_two_splits_or_were_changed_are_an_error(contest):
    case, forged, later = contest.of(), contest.of(), contest.of()
    case.change_splits(lambda rows: rows["out_of_time"].pop(), sign=False)
    assert case.outcome()[0] == "error"
    later.change_splits(lambda rows: rows["out_of_time"].pop(), sign=True, days=1)
    assert later.outcome()[0] == "error"
    forged.change_splits(lambda rows: rows["out_of_time"].append(rows["train"][0]), sign=True)
    assert forged.outcome()[0] == "error"


@proves("GATE-02.6")
def test_the_data_decide_the_splits_and_other_data_are_an_error(contest):
    changed, lent, same = contest.of(), contest.of(), contest.of()
    assert changed.assigned() == changed.healthy._rows
    changed.flip_a_byte()
    assert changed.outcome()[0] == "error"
    lent.change_splits(lambda rows: None, sign=True, dataset="sha256:" + "1" * 64)
    assert lent.outcome()[0] == "error"
    same.change_splits(lambda rows: None, sign=True)
    assert same.outcome()[0] == "pass"


@proves("GATE-02.7")
def test_the_model_kept_every_limit_when_it_was_judged(registered):
    newest = {r.gate: r for r in registered.ledger.all(GateResult, registered.digest)}
    found = newest.get("performance")
    assert found is not None, "the performance gate has no result"
    assert found.outcome == "pass", "; ".join(found.reasons)
    assert found.limits.keys() >= both("auc", "brier", "grade_p")
    over = [name for name, limit in found.limits.items() if not holds(limit, found.measured[name])]
    assert not over, f"outside its limit: {', '.join(over)}"
    assert admission.check_gate(registered, "performance", fresh=False) == found.digest


@proves("GATE-02.9")
def test_its_floors_are_those_of_the_table(floors):
    assert floors.moved("GATE-02") == []
