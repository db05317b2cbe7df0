"""Sending money back, and recording what Stripe says was sent back.

A refund is written down first, in the transaction of what it follows from, and sent by a job. Its
id is the idempotency key and stands in Stripe's metadata, so that a refund whose reply was lost is
known again, also after Stripe has forgotten the key.
"""

import logging
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit, queue
from cms.audit import Actor
from payments import gateway
from payments.models import Charge, Payment, PaymentState, Refund, RefundState
from payments.services import alerts, charging, ledger
from payments.stripe_facts import RefundFacts

logger = logging.getLogger(__name__)

SEND_REFUND = queue.Job("payments.refund")
#: Keys of refunds that were not asked for here.
MADE_AT_STRIPE = "stripe:"

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


class NothingToSendBack(Exception):
    """The payment is kept, or its money is on its way back already."""


def refundable(payment: Payment) -> int:
    """øre of the payment that were neither sent back nor are about to be."""
    live = payment.refunds.exclude(state=RefundState.FAILED)
    return payment.amount - (live.aggregate(total=Sum("amount"))["total"] or 0)


def to_send_back(payment: Payment) -> int:
    """øre of the payment that its buyer is owed and that are not on their way: a refund failed, or
    it came when nothing was owed any more."""
    if payment.state != PaymentState.SUCCEEDED:
        return 0
    left = refundable(payment)
    return left if payment.is_duplicate else min(left, charging.owed_back(payment.charge))


def seems_owed_back(payment: Payment) -> bool:
    """Whether ``to_send_back`` is likely above zero, from the payment, its charge and its refunds
    as they were read: for lists, at no query a row."""
    if payment.state != PaymentState.SUCCEEDED:
        return False
    rows = payment.refunds.all()
    live = sum(row.amount for row in rows if row.state != RefundState.FAILED)
    kept = 0 if payment.is_duplicate else payment.charge.gross - payment.charge.credited
    surplus_failed = any(row.state == RefundState.FAILED and "surplus" in row.key for row in rows)
    return payment.amount - live - kept > 0 or surplus_failed


def payments_to_send_back() -> QuerySet[Payment]:
    """Every payment of which something is to be sent back."""
    live = Q(refunds__state__in=[RefundState.CREATED, RefundState.PENDING, RefundState.SUCCEEDED])
    kept = Payment.objects.filter(state=PaymentState.SUCCEEDED).alias(
        sent=Coalesce(Sum("refunds__amount", filter=live), 0)
    )
    owing = ledger.with_sums(Charge.objects.filter(payments__state=PaymentState.SUCCEEDED)).filter(
        gross__lt=F("credited") + F("by_card") + F("by_bank") - F("sent_back") - F("going_back")
    )
    return kept.filter(
        Q(is_duplicate=True) | Q(charge__in=owing.values("pk")), sent__lt=F("amount")
    )


@transaction.atomic
def send_back(payment_id: UUID | str, *, key: str, reason: str, actor: Actor) -> Refund:
    """Send back what the buyer is owed of the payment, by a job. ``key`` makes one refund of many
    requests. Raises NothingToSendBack."""
    charge_id = Payment.objects.values_list("charge_id", flat=True).get(pk=payment_id)
    charge = Charge.objects.select_for_update().get(pk=charge_id)
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    payment.charge = charge
    key = f"owed:{payment.pk}:{key}"
    if existing := Refund.objects.filter(key=key).first():
        return existing
    refund = request_refund(payment, amount=to_send_back(payment), reason=reason, key=key)
    if refund is None:
        raise NothingToSendBack
    audit.record(
        actor=actor,
        action="payment.sent_back",
        subject=payment,
        reason=reason,
        amount=refund.amount,
    )
    return refund


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
            _tell_of_failure(refund)
    return refund


def _tell_of_failure(refund: Refund) -> None:
    """Unless nothing is owed: somebody had sent it back at Stripe already."""
    if to_send_back(refund.payment):
        alerts.refund_failed(refund)


def record_refunds(payment: Payment, listed: Iterable[RefundFacts]) -> list[Refund]:
    """Bring the refunds of a locked payment to what Stripe says; the dashboard's get a row.

    Returns those that were made at Stripe and not known before.
    """
    new = []
    for facts in listed:
        refund = _known(payment, facts)
        if refund is None:
            refund = Refund(
                payment=payment,
                key=f"{MADE_AT_STRIPE}{facts.id}",
                amount=facts.amount,
                reason=_("Refunded at Stripe"),
            )
            new.append(refund)
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
            _tell_of_failure(refund)
    return new


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
