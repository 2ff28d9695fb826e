"""A synthetic world in which the true probability of default is known: for demos and for tests.

Applicants are drawn from a Gaussian copula (CORRELATION), so income, employment, debt and age move
together. The true log-odds of default are

    INTERCEPT + sum of COEFFICIENTS[j] * term_j(applicant) + CYCLE[year]

with the terms written out in ``terms``; some of them (short tenure, squeeze, strain) bend or interact, so a
straight line cannot be the best model. Sex and age group do not enter it; age moves with income
and employment, so a careless model can still treat age groups differently. No row is a person.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Table = dict[str, NDArray[np.generic]]

FIRST_DAY, LAST_DAY = "2020-01-01", "2024-12-31"
INTERCEPT = -3.2
COEFFICIENTS = {
    "log_income": -0.45,
    "loan_to_income": 0.9,
    "term": 0.35,
    "debt_to_income": 1.2,
    "utilisation": 1.0,
    "short_tenure": 0.7,
    "squeeze": 9.0,
    "recent_delinquency": 1.6,
    "enquiries": 0.2,
    "renting": 0.3,
    "strain": 1.2,
}
# The credit cycle: the log-odds of every applicant of that year move together.
CYCLE = {2020: 0.15, 2021: -0.1, 2022: -0.05, 2023: 0.1, 2024: 0.05}
LATENT = ("income", "employment", "debt", "utilisation", "enquiries", "age")
CORRELATION = np.array(
    [
        [1.00, 0.35, -0.25, -0.20, -0.10, 0.30],
        [0.35, 1.00, -0.10, -0.10, -0.15, 0.50],
        [-0.25, -0.10, 1.00, 0.40, 0.20, -0.05],
        [-0.20, -0.10, 0.40, 1.00, 0.30, -0.10],
        [-0.10, -0.15, 0.20, 0.30, 1.00, -0.10],
        [0.30, 0.50, -0.05, -0.10, -0.10, 1.00],
    ]
)
SHARE_DELINQUENT = 0.18
SHARE_NO_REVOLVING, SHARE_EMPLOYER_UNKNOWN = 0.08, 0.05
HOUSING = ("own", "mortgage", "rent", "other")


def terms(applicants: Table) -> dict[str, Values]:
    """Return the terms of the true log-odds, each shape (n,), of applicants as ``draw`` gives them."""

    def value(name: str) -> Values:
        return applicants[name].astype(np.float64)

    since = value("months_since_delinquency")
    return {
        "log_income": np.log(value("annual_income") / 40_000),
        "loan_to_income": value("requested_amount") / value("annual_income") - 0.35,
        "term": (value("term_months") - 48) / 24,
        "debt_to_income": value("debt_to_income") - 0.3,
        "utilisation": value("utilisation") - 0.4,
        "short_tenure": (value("months_employed") < 18).astype(np.float64),
        "squeeze": np.maximum(value("debt_to_income") - 0.3, 0)
        * np.maximum(value("utilisation") - 0.4, 0),
        "recent_delinquency": np.where(np.isnan(since), 0.0, np.exp(-since / 24)),
        "enquiries": value("enquiries_6m"),
        "renting": (applicants["housing"] == "rent").astype(np.float64),
        # together they weigh more than their sum: what a booster can learn and a logit cannot
        "strain": ((value("debt_to_income") > 0.4) & (value("utilisation") > 0.5)).astype(float),
    }


def probability(applicants: Table) -> Values:
    """Return the true probability of default, shape (n,)."""
    years = applicants["application_date"].astype("datetime64[Y]").astype(int) + 1970
    log_odds = INTERCEPT + np.array([CYCLE[int(year)] for year in years])
    for name, term in terms(applicants).items():
        log_odds += COEFFICIENTS[name] * term
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def draw(rows: int, seed: int) -> Table:
    """Draw applicants before anything is missing; NaN only where there was no delinquency."""
    generator = np.random.default_rng(seed)
    normal = generator.multivariate_normal(np.zeros(len(LATENT)), CORRELATION, rows)
    z = {name: normal[:, index] for index, name in enumerate(LATENT)}
    days = int((np.datetime64(LAST_DAY) - np.datetime64(FIRST_DAY)).astype(int)) + 1
    income = np.clip(np.exp(np.log(38_000) + 0.5 * z["income"]), 6_000, 400_000)
    amount = income * np.exp(-1.3 + 0.6 * generator.standard_normal(rows))
    delinquent = generator.random(rows) < SHARE_DELINQUENT
    since = np.clip(generator.exponential(30, rows), 0, 120).round()
    return {
        "application_id": np.array([f"A-{index:07d}" for index in range(rows)]),
        "application_date": np.datetime64(FIRST_DAY) + np.sort(generator.integers(0, days, rows)),
        "annual_income": income.round(-1),
        "requested_amount": np.clip(amount, 1_000, 120_000).round(-2),
        "term_months": generator.choice([12, 24, 36, 48, 60, 72, 84], rows).astype(np.float64),
        "debt_to_income": np.clip(0.28 * np.exp(0.5 * z["debt"]), 0.0, 1.8).round(3),
        "utilisation": np.clip(0.4 + 0.28 * z["utilisation"], 0.0, 1.3).round(3),
        "months_employed": np.clip(60 * np.exp(0.9 * z["employment"]), 0, 480).round(),
        "months_since_delinquency": np.where(delinquent, since, np.nan),
        "enquiries_6m": np.floor(np.exp(0.7 * z["enquiries"]) * 1.2),
        "housing": generator.choice(HOUSING, rows, p=[0.22, 0.33, 0.38, 0.07]),
        "sex": generator.choice(["female", "male"], rows),
        "age_group": np.array(["18-29", "30-44", "45-59", "60+"])[
            np.searchsorted([-0.8, 0.3, 1.1], z["age"])
        ],
    }


def generate(rows: int, seed: int) -> tuple[Table, Values]:
    """Return what a bank would see (n rows with outcomes and gaps), and the true probabilities (n,).

    Utilisation is missing without a revolving account (and then 0.4 in the truth), the employment
    at random. The same seed gives the same table.
    """
    table = draw(rows, seed)
    generator = np.random.default_rng([seed, 1])
    no_revolving = generator.random(rows) < SHARE_NO_REVOLVING
    table["utilisation"] = np.where(no_revolving, 0.4, table["utilisation"])
    true = probability(table)
    table["defaulted"] = (generator.random(rows) < true).astype(np.float64)
    unknown = generator.random(rows) < SHARE_EMPLOYER_UNKNOWN
    table["utilisation"] = np.where(no_revolving, np.nan, table["utilisation"])
    table["months_employed"] = np.where(unknown, np.nan, table["months_employed"])
    return table, true
