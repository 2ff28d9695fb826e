"""Every question answered wrong: refused, with the bad value quoted and what would do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

LONG = "x" * 61
WRONG: dict[str, list[Any]] = {
    "project_name": ["", "   ", " Credit", LONG, "two\nlines", "null\0byte", "turned \u202e name"],
    "package_name": [
        "", "Credit", "2nd_model", "credit-default", "credit default", "crédit", "_private", "a__b",
        "ends_", "../up", "x" * 41, "class", "match", "json", "platform", "redoubt", "pandas",
        "onnxruntime", "tests", "conf", "credit\n",
    ],
    "description": ["", " ", "x" * 201, "two\nlines"],
    "repository": ["", "alone", "https://forge/owner/name", "owner/na me", "owner/", "o/n\n", "a/" * 70],
    "model_team": ["", "@credit-models", "owner/team", "two words", "x" * 61, "team\n* @me"],
    "platform_team": ["", "@ml-platform", "owner/team", "two words"],
    "security_team": ["", "@security", "owner/team", "two words"],
    "validators_team": ["", "@model-validation", "owner/team", "credit-models", "Credit-Models"],
    "approvers_team": ["", "@model-approvers", "owner/team", "credit-models", "CREDIT-MODELS"],
    "use_case": ["fraud", ""],
    "customer_impact": ["some", ""],
    "financial_exposure": ["huge", ""],
    "autonomy": ["full", ""],
    "complexity": ["hard", ""],
    "jurisdictions": [[], ["mars"], ["eu", "mars"]],
    "python_version": ["3.10", "3.14", "3", ""],
    "tier_override": ["3", "0", "lower"],
    "resource_prefix": ["", "a", "Credit", "1credit", "credit-", "credit--pd", "credit_pd", "x" * 17, "pd\n"],
    "forge": ["bitbucket", ""],
    "aws_region": ["eu-central-9", "us-west-1", "EU-CENTRAL-1", "*", ""],
    "aws_organisation": ["", "*", "o-*", "o-short", "O-A1B2C3D4E5", "o-a1b2c3d4e5\n", "ou-a1b2-c3d4e5f6"],
    "aws_account_development": ["", "12345678901", "1234567890123", "1111-2222-3333", "111122223333\n"],
    "aws_account_validation": ["", "*", "111122223333", "44445555666a"],
    "aws_account_production": ["", "*", "111122223333", "444455556666", "production"],
    "vpc_range": [
        "", "10.64.0.0", "10.64.0.0/15", "10.64.0.0/21", "10.64.1.0/16", "10.64.16.0/19", "8.8.0.0/16", "172.32.0.0/16",
        "192.169.0.0/16", "10.256.0.0/16", "0.0.0.0/0", "10.064.0.0/16", "10.64.0.0/16\n", "10.64.0.0/16 ", "::/0",
    ],
}  # fmt: skip
CASES = [(question, value) for question, values in WRONG.items() for value in values]


@pytest.mark.parametrize(("question", "value"), CASES, ids=lambda item: repr(item)[:40])
def test_a_wrong_answer_is_refused_and_quoted(
    ask: Callable[..., Path], question: str, value: Any
) -> None:
    with pytest.raises(ValueError, match=question) as refusal:
        ask(**{question: value})
    message = str(refusal.value)
    bad = value[-1] if isinstance(value, list) and value else value
    assert json.dumps(bad, ensure_ascii=False) in message or repr(bad) in message


def test_every_question_has_a_wrong_answer_here(repository: Path) -> None:
    asked = {name for name, question in visible(repository).items() if "validator" in question}
    assert asked - set(WRONG) == {"tier_override_reason"}


def test_every_question_says_what_to_answer(repository: Path) -> None:
    for name, question in visible(repository).items():
        assert "Example: " in question["help"], name


@pytest.mark.parametrize(
    "good", ["10.64.16.0/20", "172.31.128.0/17", "192.168.0.0/16", "10.0.64.0/18"]
)
def test_a_private_range_without_host_bits_is_taken(ask: Callable[..., Path], good: str) -> None:
    answers = yaml.safe_load((ask(vpc_range=good) / ".copier-answers.yml").read_text())
    assert answers["vpc_range"] == good


@pytest.mark.parametrize("reason", ["", "because", "x" * 201, "two lines\nof a reason"])
def test_an_override_needs_a_reason(ask: Callable[..., Path], reason: str) -> None:
    low = {"customer_impact": "none", "financial_exposure": "low", "autonomy": "advisory"}
    with pytest.raises(ValueError, match="who raised the tier and why") as refusal:
        ask(**low, complexity="simple", tier_override="1", tier_override_reason=reason)
    assert json.dumps(reason) in str(refusal.value)


def test_an_override_without_any_reason_is_refused(ask: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match="tier_override_reason"):
        ask(customer_impact="none", complexity="simple", tier_override="1")


def test_an_override_never_lowers_the_tier(ask: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match='"2" would lower the tier from 1'):
        ask(customer_impact="individuals", financial_exposure="high", tier_override="2")


def visible(repository: Path) -> dict[str, dict[str, Any]]:
    """Return the questions that a person is asked."""

    class Loader(yaml.SafeLoader):
        """Reads copier.yml; what ``!include`` names is hidden anyway."""

    Loader.add_constructor("!include", lambda loader, node: {})
    merged: dict[str, Any] = {}
    for document in yaml.load_all((repository / "copier.yml").read_text(), Loader=Loader):
        merged |= document
    return {
        name: question
        for name, question in merged.items()
        if not name.startswith("_") and question.get("when") is not False
    }
