"""Patterns of CloudWatch and EventBridge: what they match, and that nothing is read by guessing."""

from __future__ import annotations

from typing import Any

import pytest

from redoubt.errors import BadInput
from redoubt.infra import events, filters

# The example of AWS's own page on the syntax of filters, and what it says of each pattern.
SAID: dict[str, Any] = {
    "user": {"id": "1", "email": "John.Stiles@example.com"}, "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111", "SomeObject": None, "ThisFlag": True, "actions": ["GET"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ('{ $.eventType = "updateTrail" }', False),
        ('{ $.sourceIPAddress != "123.123.*" }', True),
        ('{ $.sourceIPAddress != "111.111.*" }', False),
        ('{ $.eventType = "*Trail" }', True),
        ('{ $.eventType = "Update*" }', True),
        ('{ $.eventType = "*date*" }', True),
        ('{ $.eventType = "*date" }', False),
        ('{ $.eventType = "date*" }', False),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.absent IS NULL }", False),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.SomeObject NOT EXISTS }", False),
        ("{ $.user.email.more NOT EXISTS }", True),
        ("{ $.ThisFlag IS TRUE }", True),
        ("{ $.ThisFlag IS FALSE }", False),
        ('{ $.absent = "x" }', False),
        ('{ $.absent != "x" }', False),
        ('{ $.actions != "x" }', False),
        ('{ $.user != "x" }', False),
        ('{ $.ThisFlag != "x" }', False),
        ('{ ($.user.id = "1") && ($.eventType = "UpdateTrail") }', True),
        ('{ $.user.id = "1" || $.eventType = "no" && $.absent = "no" }', True),
        ('{ ($.user.id = "1" || $.eventType = "no") && $.absent = "no" }', False),
        ('{ ($.eventType = "no" && $.user.id = "1") || (($.user.id = "1")) }', True),
    ],
)
def test_a_filter_matches_as_aws_says(pattern: str, answer: bool) -> None:
    assert filters.matches(pattern, SAID) is answer


@pytest.mark.parametrize(
    "pattern",
    [
        "", "ERROR", '$.a = "b"', '{ $.a = "b"', '{ $.a = "b" } }', "{ $.a = b }", "{ $.a = 4 }",
        "{ $.a > 4 }", '{ $.a[0] = "b" }', '{ $.a = "b*c" }', '{ $.a = "*" }', '{ $.a = "" }',
        "{ $.a = %b% }", "{ $.a IS MAYBE }", '{ $.a = "b" && }', '{ $.a = "b" $.c = "d" }',
        '{ !($.a = "b") }', "{ $.a EXISTS }", '{ $ = "b" }', '{ $.a = "' + "b" * 1024 + '" }',
    ],
)  # fmt: skip
def test_what_is_no_pattern_or_is_not_read_raises_whatever_the_event(pattern: str) -> None:
    for event in ({}, {"a": "b"}):
        with pytest.raises(BadInput):
            filters.matches(pattern, event)


FINDING: dict[str, Any] = {
    "source": "aws.guardduty", "detail": {"severity": 4.0, "states": ["NEW", "OPEN"], "on": True},
}  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ({"source": ["aws.guardduty"]}, True),
        ({"source": ["aws.guard"]}, False),
        ({"source": ["aws.config", "aws.guardduty"]}, True),
        ({"absent": ["aws.guardduty"]}, False),
        ({"source": ["aws.guardduty"], "absent": ["x"]}, False),
        ({"detail": {"severity": [{"numeric": [">=", 4]}]}}, True),
        ({"detail": {"severity": [{"numeric": [">", 4]}]}}, False),
        ({"detail": {"severity": [{"numeric": [">", 3, "<", 4]}]}}, False),
        ({"detail": {"severity": ["4"]}}, False),
        ({"detail": {"on": [{"numeric": [">=", 1]}]}}, False),
        ({"detail": {"states": ["OPEN"]}}, True),
        ({"detail": {"absent": {"more": ["x"]}}}, False),
        ({"detail": {"$or": [{"severity": ["x"]}, {"states": ["NEW"]}]}}, True),
        ({"detail": {"$or": [{"severity": ["x"]}, {"states": ["OLD"]}]}}, False),
    ],
)
def test_a_rule_matches_an_event_that_has_every_field_with_a_listed_value(
    pattern: dict[str, Any], answer: bool
) -> None:
    assert events.matches(pattern, FINDING) is answer


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": "aws.guardduty"}, {"source": []}, {"source": [{"prefix": "aws."}]},
        {"absent": [{"anything-but": ["x"]}]}, {"absent": ["x"], "source": [{"exists": True}]},
        {"$and": [{"source": ["x"]}]}, {"detail": {"severity": [{"numeric": ["~", 4]}]}},
        {"detail": {"severity": [{"numeric": [">="]}]}},
    ],
)  # fmt: skip
def test_what_is_not_read_in_a_rule_raises_even_where_nothing_fits(pattern: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        events.matches(pattern, FINDING)
