"""The credit-default model: its schema, features, recipe and reasons."""
