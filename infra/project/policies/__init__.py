"""Checks of checkov for what a team adds in `team.tf`. Without this file checkov loads none of them."""
