"""How the states of charges and payments look."""

from cms.backoffice.listing import CRITICAL, NEUTRAL, POSITIVE, WAITING
from payments.models import Charge, ChargeState, Payment, PaymentState, Refund, RefundState

_CHARGES = {ChargeState.OPEN: WAITING, ChargeState.PAID: POSITIVE, ChargeState.CREDITED: NEUTRAL}
_PAYMENTS = {
    PaymentState.SUCCEEDED: POSITIVE,
    PaymentState.FAILED: CRITICAL,
    PaymentState.NEEDS_REVIEW: CRITICAL,
    PaymentState.EXPIRED: NEUTRAL,
}
_REFUNDS = {RefundState.SUCCEEDED: POSITIVE, RefundState.FAILED: CRITICAL}


def charge_tone(charge: Charge) -> str:
    return _CHARGES[ChargeState(charge.state)]


def payment_tone(payment: Payment) -> str:
    return _PAYMENTS.get(PaymentState(payment.state), WAITING)


def refund_tone(refund: Refund) -> str:
    return _REFUNDS.get(RefundState(refund.state), WAITING)
