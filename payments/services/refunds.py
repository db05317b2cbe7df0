"""Sending money back, and recording what Stripe says was sent back.

A refund is written down first, in the transaction of what it follows from, and sent by a job. Its
id is the idempotency key and stands in Stripe's metadata, so that a refund whose reply was lost is
known again, also after Stripe has forgotten the key.
"""

import logging
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import queue
from payments import gateway
from payments.models import Payment, Refund, RefundState
from payments.stripe_facts import RefundFacts

logger = logging.getLogger(__name__)

SEND_REFUND = queue.Job("payments.refund")

#: Stripe fails even a refund that had succeeded: the money is then back with us.
_RANK = {
    RefundState.CREATED: 0,
    RefundState.PENDING: 1,
    RefundState.SUCCEEDED: 2,
    RefundState.FAILED: 3,
}
_STATES = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


class RefundTooLarge(Exception):
    """More than what is left of the payment."""


def refundable(payment: Payment) -> int:
    """øre of the payment that were neither sent back nor are about to be."""
    live = payment.refunds.exclude(state=RefundState.FAILED)
    return payment.amount - (live.aggregate(total=Sum("amount"))["total"] or 0)


def request_refund(payment: Payment, *, amount: int, reason: str, key: str) -> Refund | None:
    """Write a refund down and enqueue its sending, in the caller's transaction.

    ``amount`` in øre; ``key`` makes one refund of many requests. None when ``amount`` is zero.
    Raises RefundTooLarge.
    """
    refund, created = _record(payment.pk, amount=amount, reason=reason, key=key)
    if refund and created:
        SEND_REFUND.enqueue(key=f"refund:{refund.pk}", refund_id=str(refund.pk))
    return refund


def refund_payment(payment_id: UUID | str, *, amount: int, reason: str, key: str) -> Refund:
    """Refund now: written down and committed, then sent. The same key again is the same refund.

    Raises RefundTooLarge, ValueError for an amount that is not positive, and GatewayError when
    Stripe can't be asked; the refund then stays begun, and the same call tries again.
    """
    refund, _created = _record(payment_id, amount=amount, reason=reason, key=key)
    if refund is None:
        raise ValueError(amount)
    return send_refund(refund.pk)


@transaction.atomic
def _record(
    payment_id: UUID | str, *, amount: int, reason: str, key: str
) -> tuple[Refund | None, bool]:
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    existing = Refund.objects.filter(key=key).first()
    if existing or amount <= 0:
        return existing, False
    if amount > refundable(payment):
        raise RefundTooLarge(f"{amount} øre of payment {payment.pk}")
    return Refund.objects.create(payment=payment, amount=amount, reason=reason, key=key), True


def send_refund(refund_id: UUID | str) -> Refund:
    """Ask Stripe for a refund that was written down; one that Stripe has is only updated.

    A refusal is final: the refund has failed, with Stripe's code, for a person to look at.
    Raises GatewayUnavailable or GatewayMisconfigured, for the job to try again.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.state == RefundState.FAILED:
        return refund
    try:
        facts = _sent_before(refund) or _send(refund)
    except gateway.GatewayRefused as refusal:
        logger.error("Refund %s was refused: %s", refund.pk, refusal)
        return _fail(refund.pk, refusal.code or "refused")
    with transaction.atomic():
        payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
        record_refunds(payment, [facts])
    refund.refresh_from_db()
    return refund


def _sent_before(refund: Refund) -> RefundFacts | None:
    """The refund at Stripe, if a former attempt's reply was lost."""
    listed = gateway.list_refunds(refund.payment.payment_intent_id)
    return next((facts for facts in listed if facts.reference == str(refund.pk)), None)


def _send(refund: Refund) -> RefundFacts:
    try:
        return _ask(refund, key=str(refund.pk))
    except gateway.GatewayUnavailable as error:
        # A key that kept a failure repeats it for a day. Stripe doesn't list the refund, so that
        # another key can't make a second one.
        if not error.replayed or _sent_before(refund):
            raise
        return _ask(refund, key=f"{refund.pk}-2")


def _ask(refund: Refund, *, key: str) -> RefundFacts:
    return gateway.refund(
        refund.payment.payment_intent_id,
        amount=refund.amount,
        reference=str(refund.pk),
        key=key,
    )


def _fail(refund_id: UUID, code: str) -> Refund:
    with transaction.atomic():
        refund = Refund.objects.select_for_update().get(pk=refund_id)
        if refund.stripe_id is None:
            refund.state = RefundState.FAILED
            refund.failure = code[:120]
            refund.save(update_fields=["state", "failure"])
    return refund


def record_refunds(payment: Payment, listed: Iterable[RefundFacts]) -> None:
    """Bring the refunds of a locked payment to what Stripe says; the dashboard's get a row."""
    for facts in listed:
        refund = _known(payment, facts) or Refund(
            payment=payment,
            key=f"stripe:{facts.id}",
            amount=facts.amount,
            reason=_("Refunded at Stripe"),
        )
        state = _STATES.get(facts.status, RefundState.PENDING)
        if refund.stripe_id and _RANK[state] <= _RANK[RefundState(refund.state)]:
            continue
        refund.stripe_id = facts.id
        refund.state = state
        refund.failure = facts.failure[:120]
        if state == RefundState.SUCCEEDED:
            refund.succeeded_at = timezone.now()
        refund.save()
        if state == RefundState.FAILED:
            logger.error("Refund %s failed at Stripe: %s", refund.pk, facts.failure)


def _known(payment: Payment, facts: RefundFacts) -> Refund | None:
    return next(
        (
            refund
            for refund in payment.refunds.all()
            if refund.stripe_id == facts.id
            or (refund.stripe_id is None and str(refund.pk) == facts.reference)
        ),
        None,
    )
