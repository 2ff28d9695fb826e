"""Errors that a person meets: each says what is wrong, what to do, and which exit code it means."""

from __future__ import annotations


class RedoubtError(Exception):
    """Base of every refusal that the command line shows as one message and a remedy."""

    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} Remedy: {self.remedy}" if self.remedy else self.message


class Refused(RedoubtError):
    """A gate, a check or a policy said no (exit code 1)."""

    exit_code = 1


class BadInput(RedoubtError):
    """What the caller gave cannot be used (exit code 2)."""

    exit_code = 2


class Unavailable(RedoubtError):
    """A needed service, file or proof is absent (exit code 3)."""

    exit_code = 3
