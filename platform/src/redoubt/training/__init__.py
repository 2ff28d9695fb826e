"""Training: locked splits, champion and challenger, a complete run record, a candidate bundle."""
