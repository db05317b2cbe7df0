"""Paying a charge with card or MobilePay: on Stripe's hosted page, one attempt at a time.

An attempt is committed, with its end, before Stripe is called, and its id is the idempotency key:
a second click, a lost reply or a kill leads back to the same session.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from payments import gateway
from payments.models import (
    UNDER_WAY,
    Charge,
    ChargeState,
    Payment,
    PaymentMethod,
    PaymentState,
)
from payments.services import charging
from payments.services.synchronisation import (
    apply_session,
    close_attempt,
    lock_payment,
    sync_payment,
)
from payments.stripe_facts import SessionFacts

__all__ = [
    "NotPayable",
    "Obstacle",
    "expire_attempts",
    "has_attempt_under_way",
    "start_payment",
    "sync_payment",
]

#: Stripe lets a session live from 30 minutes to 24 hours from when it gets the request.
SHORTEST = timedelta(minutes=31)
LONGEST = timedelta(hours=23, minutes=59)
#: A session that ends within this is not worth sending a buyer to.
NEARLY_OVER = timedelta(minutes=1)
_TRIES = 3


class Obstacle(StrEnum):
    """Why a charge can't be paid by card now."""

    PAID = "paid"
    CREDITED = "credited"
    #: It is to be paid by e-invoice; ``charging.change_method`` first.
    INVOICE = "invoice"
    #: Paid in a way that takes its time: Stripe says later whether the money came.
    PROCESSING = "processing"
    #: Stripe has something else than was asked for; a person looks at it.
    REVIEW = "review"
    #: The attempt was ended while Stripe was asked, since its place was released.
    CLOSED = "closed"


class NotPayable(Exception):
    """The charge can't be paid by card now; ``obstacle`` says why."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


def start_payment(
    charge_id: UUID | str, *, deadline: datetime, success_url: str, cancel_url: str
) -> Payment:
    """An attempt with an open session: send the buyer to its ``session_url``.

    The session ends at the ``deadline`` (aware), at most 24 hours and at least 30 minutes from
    now: the caller moves its deadline to ``Payment.expires_at`` when that is later. An attempt
    under way is taken up again. Give the same addresses each time, so that a retry after a lost
    reply finds the same session.

    Raises NotPayable; GatewayUnavailable (nothing is lost, calling again retries),
    GatewayMisconfigured, or GatewayRefused (``amount_too_small``). Not inside a transaction.
    """
    for _try in range(_TRIES):
        payment = _attempt(charge_id, deadline)
        if payment.session_id:
            payment = _up_to_date(payment)
            if payment.state == PaymentState.OPEN:
                return payment
            continue
        session = _create_session(payment, success_url=success_url, cancel_url=cancel_url)
        if session:
            return _opened(payment, session)
    raise gateway.GatewayUnavailable("Stripe gave no session that can be used.")


@transaction.atomic(durable=True)
def _attempt(charge_id: UUID | str, deadline: datetime) -> Payment:
    """The attempt under way, or a new one: committed when this returns."""
    charge = Charge.objects.select_for_update().get(pk=charge_id)
    _check_payable(charge)
    now = timezone.now()
    under_way = charge.payments.select_for_update().filter(state__in=UNDER_WAY).first()
    if under_way and under_way.state == PaymentState.PROCESSING:
        raise NotPayable(Obstacle.PROCESSING)
    if under_way and (under_way.session_id or under_way.expires_at > now):
        return under_way
    if under_way:
        close_attempt(under_way, PaymentState.EXPIRED)
    ends = min(max(deadline, now + SHORTEST), now + LONGEST)
    return Payment.objects.create(
        charge=charge,
        amount=charging.still_owed(charge),
        livemode=gateway.is_live(),
        expires_at=ends.replace(microsecond=0),
    )


def _check_payable(charge: Charge) -> None:
    if charge.state != ChargeState.OPEN:
        raise NotPayable(Obstacle(charge.state))
    if charge.method != PaymentMethod.CARD:
        raise NotPayable(Obstacle.INVOICE)
    if charge.payments.filter(state=PaymentState.NEEDS_REVIEW).exists():
        raise NotPayable(Obstacle.REVIEW)
    if charging.still_owed(charge) < settings.STRIPE_MINIMUM_AMOUNT:
        raise gateway.GatewayRefused("amount_too_small")


def _up_to_date(payment: Payment) -> Payment:
    """An attempt that has a session, as Stripe sees it; ended when it is nearly over."""
    try:
        payment = sync_payment(payment.pk)
    except gateway.GatewayUnavailable:
        # Stripe's page may work though its API doesn't answer us.
        if payment.expires_at - timezone.now() < NEARLY_OVER:
            raise
        return payment
    over = payment.expires_at - timezone.now() < NEARLY_OVER
    return _expire(payment) if over and payment.state == PaymentState.OPEN else payment


def _create_session(payment: Payment, *, success_url: str, cancel_url: str) -> SessionFacts | None:
    """None: the attempt's key is used up, the attempt is closed, and a new one is needed.

    Whatever session such a key may have made, nobody ever got its address.
    """
    try:
        return gateway.create_session(payment, success_url=success_url, cancel_url=cancel_url)
    except gateway.GatewayUnavailable as error:
        if not error.replayed:
            raise
    except gateway.GatewayRefused as refusal:
        if refusal.code != "idempotency_error" and refusal.param != "expires_at":
            _close(payment)
            raise
    _close(payment)
    return None


def _close(payment: Payment) -> None:
    with transaction.atomic():
        _charge, locked = lock_payment(payment.pk)
        close_attempt(locked, PaymentState.FAILED)


def _opened(payment: Payment, session: SessionFacts) -> Payment:
    """Record the session, unless the attempt or its charge was ended while Stripe was asked."""
    with transaction.atomic():
        charge, payment = lock_payment(payment.pk)
        apply_session(charge, payment, session)
        obstacle = _obstacle(charge, payment)
    if obstacle is None:
        return payment
    _expire(payment)
    raise NotPayable(obstacle)


def _obstacle(charge: Charge, payment: Payment) -> Obstacle | None:
    if charge.state != ChargeState.OPEN:
        return Obstacle(charge.state)
    match payment.state:
        case PaymentState.OPEN:
            return None
        case PaymentState.PROCESSING:
            return Obstacle.PROCESSING
        case PaymentState.NEEDS_REVIEW:
            return Obstacle.REVIEW
    return Obstacle.CLOSED


def expire_attempts(charge_id: UUID | str) -> bool:
    """End the charge's attempts at Stripe, before what it pays for is given to somebody else.

    True: no money is on its way and none can come. False: it was paid meanwhile (and that is
    applied), or is being processed; keep the place. GatewayError: nothing is known; keep it and
    try again. A new attempt may begin at once, so that the transaction that releases the place
    asks ``has_attempt_under_way``. Not inside a transaction.
    """
    for payment in Payment.objects.filter(charge_id=charge_id, state__in=UNDER_WAY):
        _expire(payment)
    if Payment.objects.filter(charge_id=charge_id, state__in=UNDER_WAY).exists():
        return False
    return Charge.objects.get(pk=charge_id).state != ChargeState.PAID


def _expire(payment: Payment) -> Payment:
    if payment.session_id:
        # Refused: it is not open any more. How it ended is asked next.
        with suppress(gateway.GatewayRefused):
            gateway.expire_session(payment.session_id)
        return sync_payment(payment.pk)
    with transaction.atomic():
        _charge, locked = lock_payment(payment.pk)
        if not locked.session_id:
            close_attempt(locked, PaymentState.EXPIRED)
    return _expire(locked) if locked.session_id else locked


def has_attempt_under_way(charge_id: UUID | str) -> bool:
    """Lock the charge and say whether someone may be paying it now; no attempt begins meanwhile.

    Inside the caller's transaction only.
    """
    Charge.objects.select_for_update().get(pk=charge_id)
    return Payment.objects.filter(charge_id=charge_id, state__in=UNDER_WAY).exists()
