"""How states, amounts and history of charges and payments are told."""

from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from cms.backoffice.listing import CRITICAL, NEUTRAL, POSITIVE, WAITING, status_tag
from payments import money
from payments.models import (
    Charge,
    ChargeState,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    Transmission,
    TransmissionState,
)

_CHARGES = {ChargeState.OPEN: WAITING, ChargeState.PAID: POSITIVE, ChargeState.CREDITED: NEUTRAL}
_PAYMENTS = {
    PaymentState.SUCCEEDED: POSITIVE,
    PaymentState.FAILED: CRITICAL,
    PaymentState.NEEDS_REVIEW: CRITICAL,
    PaymentState.EXPIRED: NEUTRAL,
}
_REFUNDS = {RefundState.SUCCEEDED: POSITIVE, RefundState.FAILED: CRITICAL}
_TRANSMISSIONS = {TransmissionState.SENT: POSITIVE, TransmissionState.FAILED: CRITICAL}

#: AuditEntry.action → what happened.
ACTION_LABELS = {
    "charge.settled_by_bank": _("Marked as paid by bank"),
    "charge.reissued": _("Credited and reissued"),
    "charge.made_by_reissue": _("Made in the place of a credited charge"),
    "charge.credited_by_hand": _("Credited"),
    "invoice.issued_by_hand": _("Issued by hand"),
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
    "month.closed": _("Month closed"),
    "invoice_numbers.skipped": _("Numbers skipped"),
    "payment.accepted": _("Accepted as payment"),
    "payment.returned": _("Decided to send the money back"),
    "payment.review_closed": _("Closed as nothing received"),
    "payment.sent_back": _("Sent back again"),
    "payment.refund_credited": _("Credited, since it was refunded at Stripe"),
}


def charge_tone(charge: Charge) -> str:
    return _CHARGES[ChargeState(charge.state)]


def payment_tone(payment: Payment) -> str:
    return _PAYMENTS.get(PaymentState(payment.state), WAITING)


def refund_tone(refund: Refund) -> str:
    return _REFUNDS.get(RefundState(refund.state), WAITING)


def transmission_tone(transmission: Transmission) -> str:
    return _TRANSMISSIONS.get(TransmissionState(transmission.state), WAITING)


def when(moment: Any) -> str:
    """An aware datetime as local date and time."""
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else ""


#: Stripe's words for the state of a dispute, and for its reason.
DISPUTE_STATES = {
    "needs_response": _("Awaits our evidence"),
    "warning_needs_response": _("Inquiry, awaits our evidence"),
    "under_review": _("The bank decides"),
    "warning_under_review": _("Inquiry, the bank decides"),
    "warning_closed": _("Inquiry closed"),
    "won": _("Won"),
    "lost": _("Lost"),
}
DISPUTE_REASONS = {
    "fraudulent": _("the cardholder knows nothing of it"),
    "duplicate": _("paid twice"),
    "product_not_received": _("not received"),
    "product_unacceptable": _("not as agreed"),
    "subscription_canceled": _("cancelled"),
    "credit_not_processed": _("not refunded as promised"),
    "unrecognized": _("not recognised"),
    "general": _("no reason given"),
}


def dispute_text(payment: Payment) -> str:
    """The dispute's state, with the deadline while it is ours to answer; empty without one."""
    if not payment.dispute_state:
        return ""
    state = str(DISPUTE_STATES.get(payment.dispute_state, payment.dispute_state))
    if not payment.awaits_evidence or payment.dispute_due_by is None:
        return state
    return f"{state} ({date_format(localtime(payment.dispute_due_by), 'SHORT_DATE_FORMAT')})"


def dispute_facts(payment: Payment) -> list[tuple[Any, Any]]:
    reason = payment.dispute_reason
    amount = payment.dispute_amount
    due_by = when(payment.dispute_due_by) if payment.awaits_evidence else ""
    return [
        (_("Dispute"), DISPUTE_STATES.get(payment.dispute_state, payment.dispute_state)),
        (_("Reason of the dispute"), DISPUTE_REASONS.get(reason, reason)),
        (_("Amount in dispute"), money.format_kroner(amount) if amount else ""),
        (_("Answer the dispute by"), due_by),
    ]


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
