"""The ways out for a payment that needs review: a person decides, Stripe says what is so.

Stripe is asked first, outside the transaction; what it says then decides what is possible. A
payment is accepted for its charge, sent back, or closed since nothing of it is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from payments import gateway
from payments.models import Charge, ChargeState, Payment, PaymentState, RefundState
from payments.services import charging, crediting, refunds
from payments.services.synchronisation import (
    fetch,
    is_ours,
    lock_payment,
    receive,
    state_of,
)
from payments.stripe_facts import SessionFacts


class Obstacle(StrEnum):
    """Why this way out is closed; another one is open."""

    #: Somebody else, or Stripe's own news, was faster.
    DECIDED = "decided"
    UNPAID = "unpaid"
    #: Stripe's session is of another mode, or of another payment: its money is not ours to move.
    NOT_OURS = "not_ours"
    CURRENCY = "currency"
    #: The charge is paid or credited.
    NOTHING_OWED = "nothing_owed"
    TOO_LITTLE = "too_little"
    #: Stripe keeps money of it.
    PAID = "paid"
    #: The money is on its way, or the page can still be paid on.
    UNDER_WAY = "under_way"


class NotDecidable(Exception):
    """This way out is closed; ``obstacle`` says why."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


@dataclass(frozen=True)
class _Case:
    """A locked payment that needs review, its locked charge, and what Stripe says of it."""

    charge: Charge
    payment: Payment
    session: SessionFacts

    @property
    def kept(self) -> int:
        """Minor units of the session's currency that Stripe has of it and does not send back."""
        if not self.session.is_paid:
            return 0
        live = self.payment.refunds.exclude(state=RefundState.FAILED)
        return self.session.amount - sum(live.values_list("amount", flat=True))

    def demand(self, holds: bool, obstacle: Obstacle) -> None:
        if not holds:
            raise NotDecidable(obstacle)


@contextmanager
def _opened(payment_id: UUID | str) -> Iterator[_Case]:
    session_id = Payment.objects.values_list("session_id", flat=True).get(pk=payment_id)
    news = fetch(session_id or "")
    with transaction.atomic():
        charge, payment = lock_payment(payment_id)
        if payment.state != PaymentState.NEEDS_REVIEW:
            raise NotDecidable(Obstacle.DECIDED)
        payment.payment_intent_id = news.session.payment_intent_id or payment.payment_intent_id
        refunds.record_refunds(payment, news.refunds)
        yield _Case(charge, payment, news.session)


def accept(payment_id: UUID | str, *, actor: Actor, reason: str) -> Payment:
    """Count what was paid for the charge, whatever amount was asked for. All that is owed must be
    there; what is above it is sent back.

    Raises NotDecidable, and GatewayError when Stripe can't be asked.
    """
    with _opened(payment_id) as case:
        charge, payment = case.charge, case.payment
        _demand_money_of_ours(case)
        case.demand(charge.state == ChargeState.OPEN, Obstacle.NOTHING_OWED)
        case.demand(case.kept >= charging.still_owed(charge), Obstacle.TOO_LITTLE)
        _book(case, actor, "payment.accepted", reason)
        receive(charge, payment)
        at_stripe = payment.refunds.filter(key__startswith=refunds.MADE_AT_STRIPE)
        crediting.credit_refunds(charge, payment, at_stripe.order_by("created_at"))
    return payment


def send_back(payment_id: UUID | str, *, actor: Actor, reason: str) -> Payment:
    """Send everything back that Stripe has of it. It stands outside the ledger with its refund, as
    a second payment does; the charge is owed as before.

    Raises NotDecidable, and GatewayError when Stripe can't be asked.
    """
    with _opened(payment_id) as case:
        payment = case.payment
        _demand_money_of_ours(case)
        _book(case, actor, "payment.returned", reason)
        payment.is_duplicate = True
        payment.save(update_fields=["is_duplicate"])
        refunds.request_refund(
            payment,
            amount=refunds.refundable(payment),
            reason=_("Not as it was asked for"),
            key=f"review:{payment.pk}",
        )
    return payment


def close(payment_id: UUID | str, *, actor: Actor, reason: str) -> Payment:
    """Close it as nothing received: never paid, paid in another currency and sent back whole at
    Stripe, or no payment of ours at all. A page that can still be paid on is closed at Stripe.

    Raises NotDecidable, and GatewayError when Stripe can't be asked.
    """
    _expire(payment_id)
    with _opened(payment_id) as case:
        payment, session = case.payment, case.session
        ours = is_ours(payment, session)
        case.demand(not ours or case.kept <= 0, Obstacle.PAID)
        # Wholly sent back in our own currency, the ledger shows it: that is ``send_back``.
        is_booked = ours and session.is_paid and session.currency == payment.currency
        case.demand(not is_booked, Obstacle.PAID)
        over = state_of(session) in (PaymentState.EXPIRED, PaymentState.FAILED)
        case.demand(not ours or session.is_paid or over, Obstacle.UNDER_WAY)
        audit.record(
            actor=actor,
            action="payment.review_closed",
            subject=payment,
            reason=reason,
            disagreement=payment.review_reason,
        )
        payment.state = PaymentState.FAILED
        payment.review_closed_at = timezone.now()
        payment.session_url = ""
        payment.save(update_fields=["state", "review_closed_at", "session_url"])
    return payment


def _demand_money_of_ours(case: _Case) -> None:
    case.demand(is_ours(case.payment, case.session), Obstacle.NOT_OURS)
    case.demand(case.session.is_paid, Obstacle.UNPAID)
    case.demand(case.session.currency == case.payment.currency, Obstacle.CURRENCY)


def _book(case: _Case, actor: Actor, action: str, reason: str) -> None:
    """From now on it is a payment of what Stripe received."""
    payment = case.payment
    audit.record(
        actor=actor,
        action=action,
        subject=payment,
        reason=reason,
        disagreement=payment.review_reason,
        asked=payment.amount,
        received=case.session.amount,
    )
    payment.amount = case.session.amount
    payment.state = PaymentState.SUCCEEDED
    payment.paid_at = timezone.now()
    payment.review_reason = ""
    payment.save(update_fields=["amount", "state", "paid_at", "review_reason", "payment_intent_id"])


def _expire(payment_id: UUID | str) -> None:
    """Nobody can pay on its page any more. Somebody else's session is left alone."""
    payment = Payment.objects.get(pk=payment_id)
    session = gateway.retrieve_session(payment.session_id or "")
    if session.status == "open" and is_ours(payment, session):
        # Refused: it is not open any more. How it ended is asked next.
        with suppress(gateway.GatewayRefused):
            gateway.expire_session(session.id)
