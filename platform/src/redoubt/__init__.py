"""The platform package of a Redoubt project."""

__version__ = "0.1.0"
