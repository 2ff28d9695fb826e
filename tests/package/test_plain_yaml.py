"""What is read as YAML: data only, and bad input is refused, however deep it is nested."""

from __future__ import annotations

import pytest
import yaml

from redoubt import plain_yaml

DEEP = 200_000


def test_it_reads_by_libyaml_here() -> None:
    assert plain_yaml.Fast is yaml.CSafeLoader


@pytest.mark.parametrize(
    "text", ["a: [1, {b: c}]\n", "", "- 1\n- x: |\n    y\n", "d: 2026-11-26\n"]
)
def test_both_readers_say_the_same(text: str) -> None:
    assert plain_yaml.load(text) == plain_yaml.load(text, yaml.SafeLoader)


@pytest.mark.parametrize(
    "text",
    ["[" * DEEP, "{a: " * DEEP, "[" * DEEP + "]" * DEEP, "- " * DEEP + "1", "? " * DEEP + "1"],
    ids=["lists", "mappings", "closed", "dashes", "keys"],
)
def test_what_is_nested_too_deeply_is_refused_and_ends_no_process(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        plain_yaml.load(text)


def test_lines_that_nest_by_indentation_are_refused_too() -> None:
    text = "".join(" " * level + "a:\n" for level in range(2000))
    with pytest.raises(yaml.YAMLError, match="nested too deeply"):
        plain_yaml.load(text)


def test_a_long_text_of_little_depth_is_read_all_the_same() -> None:
    assert plain_yaml.load(f"a: {'x' * 5000}\nb: [{'[1],' * 2000}]\n")["b"][1999] == [1]


@pytest.mark.parametrize("text", ["!!python/object/apply:os.system ['true']", "{a: *x}", "a: \x00"])
def test_what_is_not_data_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        plain_yaml.load(text)
