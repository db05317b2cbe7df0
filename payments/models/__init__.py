"""Money's tables."""

from payments.models.charge import (
    Buyer,
    Charge,
    ChargeLine,
    ChargeState,
    Credit,
    PaymentMethod,
)
from payments.models.payment import UNDER_WAY, Payment, PaymentState, Refund, RefundState
from payments.models.settings import PaymentSettings, site_vat_rate
from payments.models.stripe_event import StripeEvent

__all__ = [
    "UNDER_WAY",
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
    "site_vat_rate",
]
