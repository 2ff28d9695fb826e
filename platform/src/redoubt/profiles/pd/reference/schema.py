"""The columns of one credit application: the contract that every file of data must fit.

Replace these columns with yours. ``low`` and ``high`` are limits of plausibility: a row outside is
set aside when data comes in, and refused when a score is asked for. ``missing=True`` says that a
value may be absent. ``protected=True`` keeps a column apart: it never reaches the model.
"""

from __future__ import annotations

from redoubt.model import Column, Schema

SCHEMA = Schema(
    columns=(
        Column("application_id", "text", "Number of the application", classification="personal"),
        Column("application_date", "date", "Day of the application"),
        Column("annual_income", "number", "Yearly gross income, EUR", low=1_000, high=2_000_000,
               classification="personal"),
        Column("requested_amount", "number", "Amount applied for, EUR", low=500, high=250_000),
        Column("term_months", "integer", "Months to repay", low=6, high=120),
        Column("debt_to_income", "number", "Monthly debt payments over monthly income",
               low=0, high=3, classification="personal"),
        Column("utilisation", "number", "Balance over limit of revolving accounts",
               low=0, high=2, missing=True, classification="personal"),
        Column("months_employed", "integer", "Months with the present employer",
               low=0, high=720, missing=True, classification="personal"),
        Column("months_since_delinquency", "integer",
               "Months since the last payment more than 30 days late; absent if there was none",
               low=0, high=240, missing=True, classification="personal"),
        Column("enquiries_6m", "integer", "Credit enquiries in the last six months",
               low=0, high=40),
        Column("housing", "category", "Housing situation",
               levels=("own", "mortgage", "rent", "other"), classification="personal"),
        Column("sex", "category", "Sex as stated; for fairness tests only",
               levels=("female", "male"), protected=True, classification="special"),
        Column("age_group", "category", "Age group; for fairness tests only",
               levels=("18-29", "30-44", "45-59", "60+"), protected=True,
               classification="special"),
        Column("defaulted", "integer", "90 days past due within twelve months: 1 yes, 0 no",
               low=0, high=1),
    ),
    target="defaulted",
    time="application_date",
    key="application_id",
)  # fmt: skip
