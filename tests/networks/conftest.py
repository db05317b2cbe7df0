"""The fake Stripe, for memberships that are paid by card."""

from tests.payments.conftest import running_stripe, stripe

__all__ = ["running_stripe", "stripe"]
