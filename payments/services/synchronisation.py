"""``sync_payment``: the one way in for what Stripe says of a payment.

The webhook, the return page, the reconciliation and the administrator's button all call it. Stripe
is asked outside any transaction; what it says is applied in one, with charge and payment locked in
that order. Applying is monotonic: old news changes nothing.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from payments import gateway
from payments.models import (
    Charge,
    ChargeState,
    Payment,
    PaymentState,
    RefundState,
    StripeEvent,
)
from payments.services import alerts, charging, crediting, refunds
from payments.stripe_facts import DisputeFacts, EventFacts, RefundFacts, SessionFacts

logger = logging.getLogger(__name__)

#: A payment only ever moves to a higher rank. Money received outranks everything; what needs
#: review leaves that state only when Stripe says paid, and all of it agrees.
_RANK = {
    PaymentState.CREATED: 0,
    PaymentState.OPEN: 1,
    PaymentState.PROCESSING: 2,
    PaymentState.EXPIRED: 3,
    PaymentState.FAILED: 3,
    PaymentState.NEEDS_REVIEW: 4,
    PaymentState.SUCCEEDED: 5,
}


@dataclass(frozen=True)
class News:
    """What Stripe has of a payment now."""

    session: SessionFacts
    refunds: Sequence[RefundFacts]
    dispute: DisputeFacts | None


def sync_payment(
    payment_id: UUID | str, *, event: EventFacts | None = None, session_id: str = ""
) -> Payment:
    """Bring a payment to what Stripe says of it now, and return it.

    ``event``: the verified event that asks for it; it is claimed in the same transaction, so that
    a duplicate has no effect and a failure leaves it to Stripe's retry. ``session_id``: the session
    that an event named, for a payment that doesn't know its own yet.

    Raises GatewayError when Stripe can't be asked, and whatever the charge handler raises; either
    way nothing is changed.
    """
    payment = Payment.objects.get(pk=payment_id)
    named = event.session_id if event else session_id
    known = payment.session_id or named
    if named not in ("", known):
        logger.error("Payment %s has a second session, %s.", payment.pk, named)
    news = fetch(known) if known else None
    with transaction.atomic():
        charge, payment = lock_payment(payment_id)
        if event and not claim(event):
            return payment
        if news:
            made_at_stripe = refunds.record_refunds(payment, news.refunds)
            apply_session(charge, payment, news.session)
            crediting.credit_refunds(charge, payment, made_at_stripe)
            _note_dispute(payment, news.dispute)
        elif payment.state == PaymentState.CREATED and payment.expires_at <= timezone.now():
            close_attempt(payment, PaymentState.EXPIRED)
    return payment


def fetch(session_id: str) -> News:
    """Ask Stripe, outside any transaction. Raises GatewayError."""
    session = gateway.retrieve_session(session_id)
    intent = session.payment_intent_id if session.is_paid else ""
    return News(
        session=session,
        refunds=gateway.list_refunds(intent) if intent else (),
        dispute=gateway.latest_dispute(intent) if session.disputed else None,
    )


def lock_payment(payment_id: UUID | str) -> tuple[Charge, Payment]:
    """Lock a payment's charge, then the payment: always in this order."""
    charge_id = Payment.objects.values_list("charge_id", flat=True).get(pk=payment_id)
    charge = Charge.objects.select_for_update().get(pk=charge_id)
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    payment.charge = charge
    return charge, payment


def close_attempt(payment: Payment, state: PaymentState) -> None:
    """End a locked attempt in which nothing was paid."""
    if _RANK[state] > _RANK[PaymentState(payment.state)]:
        payment.state = state
        payment.session_url = ""
        payment.save(update_fields=["state", "session_url"])


def apply_session(charge: Charge, payment: Payment, session: SessionFacts) -> None:
    """Apply what Stripe says of the session to the locked payment and its locked charge."""
    payment.session_id = payment.session_id or session.id
    payment.session_url = session.url
    payment.payment_intent_id = session.payment_intent_id or payment.payment_intent_id
    payment.save(update_fields=["session_id", "session_url", "payment_intent_id"])
    disagreement = _disagreement(payment, session)
    if disagreement and payment.review_closed_at and not _has_new_money(payment, session):
        return
    state = PaymentState.NEEDS_REVIEW if disagreement else state_of(session)
    if _RANK[state] <= _RANK[PaymentState(payment.state)]:
        return
    payment.state = state
    payment.review_reason = disagreement
    if state == PaymentState.SUCCEEDED:
        receive(charge, payment)
        return
    payment.save(update_fields=["state", "review_reason"])
    if disagreement:
        logger.error("Payment %s needs review: %s", payment.pk, disagreement)
        alerts.needs_review(payment)


def state_of(session: SessionFacts) -> PaymentState:
    """Fulfilment follows ``payment_status``: a complete session may still be unpaid."""
    if session.is_paid:
        return PaymentState.SUCCEEDED
    if session.status == "open":
        return PaymentState.OPEN
    if session.status == "expired":
        return PaymentState.EXPIRED
    if session.intent_status in ("requires_payment_method", "canceled"):
        return PaymentState.FAILED
    return PaymentState.PROCESSING


def _disagreement(payment: Payment, session: SessionFacts) -> str:
    """In which way Stripe's session is not the one that was asked for; empty when it is."""
    comparisons = (
        (_("amount"), payment.amount, session.amount),
        (_("currency"), payment.currency, session.currency),
        (_("live mode"), payment.livemode, session.livemode),
        (_("reference"), str(payment.pk), session.reference),
    )
    return "; ".join(
        _("%(what)s: %(asked)s was asked for, Stripe says %(said)s")
        % {"what": what, "asked": asked, "said": said}
        for what, asked, said in comparisons
        if asked != said
    )


def is_ours(payment: Payment, session: SessionFacts) -> bool:
    """The session is this payment's, and its money is as real as the payment."""
    return session.reference == str(payment.pk) and session.livemode == payment.livemode


def _has_new_money(payment: Payment, session: SessionFacts) -> bool:
    """Of a payment that a person closed: something was paid after all."""
    live = payment.refunds.exclude(state=RefundState.FAILED).values_list("amount", flat=True)
    return is_ours(payment, session) and session.is_paid and session.amount > sum(live)


def receive(charge: Charge, payment: Payment) -> None:
    """The money is there. What pays the charge counts; once it is paid, another goes back, once."""
    counted = charge.payments.filter(state=PaymentState.SUCCEEDED, is_duplicate=False)
    is_credited = charge.state == ChargeState.CREDITED
    payment.paid_at = timezone.now()
    payment.is_duplicate = charge.state == ChargeState.PAID or (is_credited and counted.exists())
    if is_credited:
        payment.review_reason = _("Paid after the charge was credited.")
        logger.error("Payment %s came after its charge was credited.", payment.pk)
    payment.save(update_fields=["state", "review_reason", "paid_at", "is_duplicate"])
    if payment.is_duplicate:
        refunds.request_refund(
            payment,
            amount=refunds.refundable(payment),
            reason=_("Paid twice"),
            key=f"duplicate:{payment.pk}",
        )
        return
    if is_credited:
        alerts.needs_review(payment)
        charging.mark_paid(charge)
    else:
        charging.settle(charge, sent_back=payment.amount - refunds.refundable(payment))
    _refund_surplus(charge, payment)


def _refund_surplus(charge: Charge, payment: Payment) -> None:
    """What was taken off the charge, or came by bank, while its page stood open goes back."""
    if charge.state == ChargeState.PAID:
        refunds.request_refund(
            payment,
            amount=min(charging.owed_back(charge), refunds.refundable(payment)),
            reason=_("Credited while it was being paid"),
            key=f"surplus:{payment.pk}",
        )


def _note_dispute(payment: Payment, dispute: DisputeFacts | None) -> None:
    """Flag it for a person: no machine removes a member because of a dispute."""
    if dispute is None:
        return
    is_news = dispute.status != payment.dispute_state
    payment.dispute_state = dispute.status
    payment.dispute_reason = dispute.reason[:60]
    payment.dispute_amount = dispute.amount
    payment.dispute_due_by = dispute.due_by
    payment.save(
        update_fields=["dispute_state", "dispute_reason", "dispute_amount", "dispute_due_by"]
    )
    if is_news:
        logger.error("Payment %s is disputed: %s", payment.pk, dispute.status)
        alerts.dispute_changed(payment, dispute)


def claim(event: EventFacts) -> bool:
    """True for the one delivery of the event that is to have an effect."""
    _event, created = StripeEvent.objects.get_or_create(
        event_id=event.id,
        defaults={
            "type": event.type,
            "object_id": event.object_id,
            "livemode": event.livemode,
            "occurred_at": event.occurred_at,
        },
    )
    return created
