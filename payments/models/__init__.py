"""Money's tables."""

from payments.models.charge import (
    Buyer,
    Charge,
    ChargeLine,
    ChargeState,
    Credit,
    PaymentMethod,
)
from payments.models.payment import Payment, PaymentState, Refund, RefundState
from payments.models.settings import PaymentSettings
from payments.models.stripe_event import StripeEvent

__all__ = [
    "Buyer",
    "Charge",
    "ChargeLine",
    "ChargeState",
    "Credit",
    "Payment",
    "PaymentMethod",
    "PaymentSettings",
    "PaymentState",
    "Refund",
    "RefundState",
    "StripeEvent",
]
