"""Finding what no webhook and no buyer told: attempts under way, and events that were missed."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cms import queue
from payments import gateway
from payments.models import (
    UNDER_WAY,
    ChargeState,
    EventCursor,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    StripeEvent,
)
from payments.services.refunds import SEND_REFUND, payments_to_send_back
from payments.services.synchronisation import claim, sync_payment
from payments.stripe_facts import EventFacts

logger = logging.getLogger(__name__)

SYNC_PAYMENT = queue.Job("payments.sync_payment")

#: A buyer needs longer than this to pay; asking earlier finds nothing.
SETTLING = timedelta(minutes=1)
#: An attempt that ended so recently is asked for once more: a payment may have come last.
JUST_ENDED = timedelta(minutes=10)
#: A refund still not sent after this has lost its job.
REFUND_OVERDUE = timedelta(hours=12)
#: Events are asked for again from so long before the newest one taken in: Stripe's own retries
#: last three days.
OVERLAP = timedelta(days=3)
#: Stripe's answer is waited for that long before finance is told.
SILENT_FOR_LONG = timedelta(hours=6)
#: Stripe lists no older events.
EVENTS_KEPT = timedelta(days=30)

SESSION_EVENTS = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
]
#: What the webhook subscribes to.
EVENTS = [
    *SESSION_EVENTS,
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
]


@dataclass(frozen=True)
class Change:
    """A payment that Stripe knew more of than we did."""

    payment_id: UUID
    before: str
    after: str


@dataclass
class Findings:
    """What a reconciliation found. ``unanswered``: payments that Stripe could not be asked of."""

    changes: list[Change] = field(default_factory=list)
    unanswered: list[tuple[UUID, str]] = field(default_factory=list)

    def add(self, other: "Findings") -> None:
        self.changes += other.changes
        self.unanswered += other.unanswered


def due_payments() -> QuerySet[Payment]:
    """Attempts under way that are older than a moment, and those that ended just now."""
    now = timezone.now()
    under_way = Q(state__in=UNDER_WAY, created_at__lte=now - SETTLING)
    ended = Q(
        state__in=[PaymentState.EXPIRED, PaymentState.FAILED],
        session_id__isnull=False,
        expires_at__range=(now - JUST_ENDED, now),
    )
    return Payment.objects.filter(under_way | ended).order_by("created_at")


def enqueue_due_payments() -> None:
    """One job each, so that a payment whose handler fails does not keep the others from theirs."""
    for payment_id in due_payments().values_list("pk", flat=True):
        SYNC_PAYMENT.enqueue(key=f"sync:{payment_id}", payment_id=str(payment_id))


def reconcile_open_payments() -> Findings:
    """Bring every due payment to what Stripe says of it, now and one after the other."""
    return sync_payments(due_payments())


def sync_payments(payments: Iterable[Payment]) -> Findings:
    findings = Findings()
    for payment in payments:
        try:
            after = sync_payment(payment.pk)
        except gateway.GatewayError as error:
            findings.unanswered.append((payment.pk, str(error)))
            continue
        if after.state != payment.state:
            findings.changes.append(Change(payment.pk, payment.state, after.state))
    return findings


def payment_of(event: EventFacts) -> Payment | None:
    """Ours, by session, by payment intent or by the id that we gave Stripe; None: foreign."""
    known = Q()
    if event.session_id:
        known |= Q(session_id=event.session_id)
    if event.payment_intent_id:
        known |= Q(payment_intent_id=event.payment_intent_id)
    if _is_uuid(event.reference):
        known |= Q(pk=event.reference)
    return Payment.objects.filter(known).first() if known else None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def catch_up_events() -> list[Payment]:
    """Claim the events that the webhook missed, however long it was down; returns their payments.

    A job for each, in the claiming transaction, applies them: one that fails is tried again and
    holds up no other. Raises GatewayError when Stripe can't be asked.
    """
    newest = StripeEvent.objects.order_by("-occurred_at").first()
    since = newest.occurred_at - OVERLAP if newest else timezone.now() - EVENTS_KEPT
    events = gateway.list_events(since, EVENTS)
    taken = StripeEvent.objects.filter(event_id__in=[event.id for event in events])
    claimed = set(taken.values_list("event_id", flat=True))
    payments: dict[UUID, Payment] = {}
    for event in events:
        payment = None if event.id in claimed else payment_of(event)
        if payment is None or event.livemode != gateway.is_live():
            continue
        with transaction.atomic():
            if claim(event):
                SYNC_PAYMENT.enqueue(
                    key=f"sync:{event.id}",
                    payment_id=str(payment.pk),
                    session_id=event.session_id,
                )
                payments.setdefault(payment.pk, payment)
    EventCursor.objects.update_or_create(pk=1, defaults={"answered_at": timezone.now()})
    return list(payments.values())


def silent_since() -> datetime | None:
    """Since when Stripe has not told its events, if that is too long: payments, refunds and
    disputes may be unknown to us. What was never asked for is silent from now on."""
    cursor, _created = EventCursor.objects.get_or_create(
        pk=1, defaults={"answered_at": timezone.now()}
    )
    is_long = cursor.answered_at < timezone.now() - SILENT_FOR_LONG
    return cursor.answered_at if is_long else None


def resend_overdue_refunds() -> None:
    """A refund whose job gave up gets another."""
    overdue = timezone.now() - REFUND_OVERDUE
    stuck = Refund.objects.filter(state=RefundState.CREATED, created_at__lte=overdue)
    for refund_id in stuck.values_list("pk", flat=True):
        SEND_REFUND.enqueue(key=f"refund:{refund_id}", refund_id=str(refund_id))


def remaining_differences() -> list[str]:
    """What only a person can settle: one line each, in English, for the log."""
    review = Payment.objects.filter(state=PaymentState.NEEDS_REVIEW)
    received = Payment.objects.filter(state=PaymentState.SUCCEEDED)
    unapplied = received.filter(is_duplicate=False, charge__state=ChargeState.OPEN)
    return [
        *(f"payment {entry.pk} needs review: {entry.review_reason}" for entry in review),
        *(f"payment {entry.pk} is paid, its charge is open" for entry in unapplied),
        *(f"payment {entry.pk} was to go back and has not" for entry in payments_to_send_back()),
    ]
