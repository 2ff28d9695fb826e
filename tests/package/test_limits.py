"""Floors and overrides: the stricter counts, a looser one is refused, nonsense is named."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from redoubt import limits
from redoubt.errors import BadInput, Unavailable
from redoubt.records import Limit, Metric
from redoubt.serving import policy

TIERS = (1, 2, 3)


def override(root: Path, text: str) -> Path:
    (root / "conf").mkdir(exist_ok=True)
    (root / "conf" / "gates.yml").write_text(text)
    return root


def test_without_overrides_the_floors_count(tmp_path: Path) -> None:
    found = limits.load(tmp_path, "gates", 1, ())
    assert found.of("performance")["auc_out_of_time"].source == "floor"
    assert set(found.lists["required"]) == {"performance", "parity-onnx", "parity-service"}


def test_a_stricter_override_counts_in_both_directions(tmp_path: Path) -> None:
    override(tmp_path, "numbers: {performance: {auc_out_of_time: 0.9, brier_out_of_time: 0.1}}")
    found = limits.load(tmp_path, "gates", 2, ())
    assert found.of("performance")["auc_out_of_time"] == Limit(
        value=0.9, direction="min", source="override"
    )
    assert found.number("performance", "brier_out_of_time") == 0.1


@pytest.mark.parametrize(
    ("name", "value", "quoted"),
    [("auc_out_of_time", 0.1, "at least 0.62"), ("brier_out_of_time", 0.9, "at most 0.2")],
)
def test_a_looser_override_is_refused_with_the_floor_quoted(
    tmp_path: Path, name: str, value: float, quoted: str
) -> None:
    override(tmp_path, f"numbers: {{performance: {{{name}: {value}}}}}")
    with pytest.raises(BadInput, match=quoted) as caught:
        limits.load(tmp_path, "gates", 1, ())
    assert f"{name}={value}" in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "value", [".nan", ".inf", "-.inf", "'0.7'", "true", "null", "[0.7]", "1e1"]
)
def test_a_value_that_is_no_finite_number_is_refused_by_name(tmp_path: Path, value: str) -> None:
    override(tmp_path, f"numbers: {{performance: {{auc_out_of_time: {value}}}}}")
    with pytest.raises(BadInput, match=r"performance\.auc_out_of_time="):
        limits.load(tmp_path, "gates", 1, ())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("numbers: {performance: {auc: 0.9}}", "'auc'"),
        ("numbers: {fairness: {ratio: 0.9}}", "'fairness'"),
        ("limits: {}", "'limits'"),
        ("numbers: [0.9]", r"\[0.9\]"),
        ("- 0.9", r"\[0.9\]"),
        ("numbers: {performance: 0.9}", "0.9"),
        ("numbers: {performance: {auc_out_of_time: 0.9, auc_out_of_time: 0.1}}", "twice"),
        ("numbers: {", "conf/gates.yml cannot be read"),
        ("lists: {required: performance}", "'performance'"),
        ("lists: {required: [fairness]}", "'fairness'"),
        ("lists: {required: [7]}", r"\[7\]"),
        ("lists: {wanted: []}", "'wanted'"),
        ("1: {}", "1: {}"),
    ],
)
def test_unknown_names_and_wrong_shapes_are_refused(tmp_path: Path, text: str, named: str) -> None:
    override(tmp_path, text)
    with pytest.raises(BadInput, match=named):
        limits.load(tmp_path, "gates", 1, ())


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    override(tmp_path, "")
    (tmp_path / "conf" / "gates.yml").write_bytes("# höher\n".encode("latin-1"))
    with pytest.raises(BadInput, match=r"conf/gates\.yml cannot be read"):
        limits.load(tmp_path, "gates", 1, ())


def test_an_empty_override_file_and_an_empty_list_change_nothing(tmp_path: Path) -> None:
    plain = limits.load(tmp_path, "gates", 1, ())
    assert limits.load(override(tmp_path, "# nothing yet\n"), "gates", 1, ()) == plain
    assert limits.load(override(tmp_path, "lists: {required: []}\n"), "gates", 1, ()) == plain


def test_the_rules_digest_changes_with_every_effective_limit_only(tmp_path: Path) -> None:
    plain = limits.load(tmp_path, "gates", 1, ()).rules
    assert limits.load(override(tmp_path, "# a comment"), "gates", 1, ()).rules == plain
    floor = limits.load(tmp_path, "gates", 1, ()).number("performance", "auc_out_of_time")
    same = f"numbers: {{performance: {{auc_out_of_time: {floor}}}}}"
    assert limits.load(override(tmp_path, same), "gates", 1, ()).rules == plain
    tighter = f"numbers: {{performance: {{auc_out_of_time: {floor + 0.001}}}}}"
    assert limits.load(override(tmp_path, tighter), "gates", 1, ()).rules != plain
    assert len({limits.load(tmp_path, "gates", tier, ()).rules for tier in TIERS}) == 3


POLICY = """
version: 1
numbers:
  g:
    a: {direction: min, meaning: m, tiers: {1: 3, 2: 2, 3: 1}, jurisdictions: {eu: {1: 4, 2: 1}}}
lists:
  sources: {direction: fewer, known: [x, y], tiers: {1: [x], 2: [x, y], 3: [x, y]}}
"""


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy of another stage, and a root for its overrides."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "other.yml").write_text(POLICY)
    monkeypatch.setattr(limits.resources, "files", lambda _: tmp_path)
    limits._floors.cache_clear()
    yield tmp_path
    limits._floors.cache_clear()


def test_a_jurisdiction_only_makes_a_floor_stricter(other: Path) -> None:
    assert limits.load(other, "other", 1, ("eu", "uk")).number("g", "a") == 4
    assert limits.load(other, "other", 2, ("eu",)).number("g", "a") == 2
    assert limits.load(other, "other", 1, ("uk",)).number("g", "a") == 3


def test_the_service_asks_for_the_limits_of_its_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    floors = limits._floors("serving")
    stricter = floors.numbers["budget"]["burst"].model_copy(
        update={"jurisdictions": {"eu": {1: 2}}}
    )
    budget = floors.numbers["budget"] | {"burst": stricter}
    local = floors.model_copy(update={"numbers": floors.numbers | {"budget": budget}})
    monkeypatch.setattr(limits, "_floors", lambda _: local)
    assert (
        policy.load(tmp_path, 1, ("uk", "eu")).burst == 2 < policy.load(tmp_path, 1, ("uk",)).burst
    )


def test_an_override_may_only_take_from_a_list_of_fewer(other: Path) -> None:
    conf = other / "conf" / "other.yml"
    conf.write_text("lists: {sources: [y]}")
    assert limits.load(other, "other", 2, ()).lists["sources"] == ("y",)
    with pytest.raises(BadInput, match="allows x"):
        limits.load(other, "other", 1, ())


@pytest.mark.parametrize(
    "text", ["version: 1\nnumbers: {g: {a: 1}}", "{", POLICY.replace("3: 1", "2: 1")]
)
def test_a_damaged_floor_file_denies(other: Path, text: str) -> None:
    (other / "other.yml").write_text(text)
    with pytest.raises(Unavailable, match=r"other\.yml"):
        limits.load(other, "other", 1, ())


def test_a_missing_floor_file_denies(other: Path) -> None:
    with pytest.raises(Unavailable, match="absent"):
        limits.load(other, "absent", 1, ())


def test_a_limit_counts_at_the_unfavourable_bound() -> None:
    least = Limit(value=0.6, direction="min", source="floor")
    most = Limit(value=0.6, direction="max", source="floor")
    assert limits.holds(least, Metric(value=0.7, low=0.6, high=0.8, n=1))
    assert not limits.holds(least, Metric(value=0.7, low=0.59, high=0.8, n=1))
    assert limits.holds(most, Metric(value=0.5, low=0.4, high=0.6, n=1))
    assert not limits.holds(most, Metric(value=0.5, low=0.4, high=0.61, n=1))


def test_a_higher_tier_is_never_the_looser_one() -> None:
    policy = limits._floors("gates")
    for named in policy.numbers.values():
        for name, floor in named.items():
            sign = -1 if floor.direction == "min" else 1
            values = [sign * floor.tiers[tier] for tier in TIERS]
            assert all(a <= b for a, b in itertools.pairwise(values)), name
    required = [set(policy.lists["required"].tiers[tier]) for tier in TIERS]
    assert required[0] >= required[1] >= required[2]


def test_what_is_no_yaml_is_named_by_its_line(tmp_path: Path) -> None:
    override(tmp_path, "numbers:\n\tperformance: 1\n")
    with pytest.raises(BadInput, match=r"conf/gates\.yml cannot be read: line 2: found character"):
        limits.load(tmp_path, "gates", 1, ())
