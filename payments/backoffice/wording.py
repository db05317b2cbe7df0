"""How states, amounts and history of charges and payments are told."""

from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from cms.backoffice.listing import CRITICAL, NEUTRAL, POSITIVE, WAITING, status_tag
from payments import money
from payments.models import Charge, ChargeState, Payment, PaymentState, Refund, RefundState

_CHARGES = {ChargeState.OPEN: WAITING, ChargeState.PAID: POSITIVE, ChargeState.CREDITED: NEUTRAL}
_PAYMENTS = {
    PaymentState.SUCCEEDED: POSITIVE,
    PaymentState.FAILED: CRITICAL,
    PaymentState.NEEDS_REVIEW: CRITICAL,
    PaymentState.EXPIRED: NEUTRAL,
}
_REFUNDS = {RefundState.SUCCEEDED: POSITIVE, RefundState.FAILED: CRITICAL}

#: AuditEntry.action → what happened.
ACTION_LABELS = {
    "charge.settled_by_bank": _("Marked as paid by bank"),
    "charge.reissued": _("Credited and reissued"),
    "charge.made_by_reissue": _("Made in the place of a credited charge"),
    "charge.credited_by_hand": _("Credited"),
    "invoice.reminded": _("Reminder sent"),
    "invoice.reminders_stopped": _("Reminders stopped"),
    "invoice.reminders_resumed": _("Reminders resumed"),
    "transfer.taken_in": _("Taken in from a statement"),
    "transfer.matched": _("Matched"),
    "transfer.unmatched": _("Match undone"),
    "transfer.ignored": _("Put aside"),
    "invoice.sent_again": _("Sent again"),
    "invoice.delivered_by_hand": _("Delivered by hand"),
    "payment.synchronised": _("Stripe asked again"),
}


def charge_tone(charge: Charge) -> str:
    return _CHARGES[ChargeState(charge.state)]


def payment_tone(payment: Payment) -> str:
    return _PAYMENTS.get(PaymentState(payment.state), WAITING)


def refund_tone(refund: Refund) -> str:
    return _REFUNDS.get(RefundState(refund.state), WAITING)


def when(moment: Any) -> str:
    """An aware datetime as local date and time."""
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else ""


def refund_lines(payment: Payment) -> list[dict[str, Any]]:
    """The payment's refunds as its page shows them."""
    return [
        {
            "refund": refund,
            "amount": money.format_kroner(refund.amount),
            "state": status_tag(refund.get_state_display(), refund_tone(refund)),
        }
        for refund in payment.refunds.all()
    ]
