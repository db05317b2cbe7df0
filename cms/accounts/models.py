"""The tables of sign-in; each lives beside the code that writes it."""

from cms.accounts.lockout import FailedAttempt

__all__ = ["FailedAttempt"]
