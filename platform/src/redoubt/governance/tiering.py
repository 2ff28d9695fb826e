"""The tier, computed from the model-risk facts; never read from a rendered value.

Materiality (exposure x purpose) and inherent risk follow the reading of SR 26-2 (April 2026) and
PRA SS1/23 principle 1; the table itself is this platform's policy, and a bank may only raise it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from redoubt.records import Tier

Impact = Literal["none", "organisations", "individuals"]
Exposure = Literal["low", "moderate", "high"]
Autonomy = Literal["advisory", "supervised", "automatic"]
Complexity = Literal["simple", "moderate", "complex"]
LEVEL = {
    "none": 0, "organisations": 1, "individuals": 2,
    "low": 0, "moderate": 1, "high": 2,
    "advisory": 0, "supervised": 1, "automatic": 2,
    "simple": 0, "complex": 2,
}  # fmt: skip


class RiskFacts(BaseModel):
    """The four facts that decide the tier, as answered when the project was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer_impact: Impact
    financial_exposure: Exposure
    autonomy: Autonomy
    complexity: Complexity


# control: GOV-01
def tier(facts: RiskFacts) -> Tier:
    """Return 1 (high), 2 or 3 (low model risk).

    Materiality is customer impact plus exposure (0 to 4), inherent risk autonomy plus complexity.
    """
    materiality = LEVEL[facts.customer_impact] + LEVEL[facts.financial_exposure]
    inherent = LEVEL[facts.autonomy] + LEVEL[facts.complexity]
    if materiality >= 3 or (materiality == 2 and inherent >= 3):
        return 1
    if materiality <= 1 and inherent <= 1:
        return 3
    return 2


# control: GOV-01
def ai_act_class(use_case: str, facts: RiskFacts, jurisdictions: tuple[str, ...]) -> str:
    """Return the EU AI Act class, derived from the facts and not from the tier.

    Source: Regulation (EU) 2024/1689, Annex III 5(b), as amended by Regulation (EU) 2026/1744
    (duties from 2 December 2027).
    """
    if "eu" not in jurisdictions:
        return "not-applicable"
    if use_case == "credit_default" and facts.customer_impact == "individuals":
        return "high-risk:annex-iii-5b"
    return "not-high-risk"
