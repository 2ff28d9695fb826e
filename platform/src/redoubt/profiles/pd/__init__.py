"""The probability-of-default profile: metrics, synthetic truth and the reference model."""
