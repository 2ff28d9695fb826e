"""What each feature is called towards a customer who is declined: plain words, one line each."""

from __future__ import annotations

REASONS = {
    "log_income": "Income is low compared with approved applicants",
    "loan_to_income": "Requested amount is high compared with income",
    "term_months": "Repayment term is long",
    "debt_to_income": "Existing debt payments are high compared with income",
    "utilisation": "Revolving credit is used close to its limit",
    "months_employed": "Time with the present employer is short",
    "months_since_delinquency": "A late payment is recent",
    "enquiries_6m": "Many credit enquiries in the last six months",
    "is_renting": "Housing situation",
}
