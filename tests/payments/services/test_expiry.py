"""Ending attempts before their place is released, and the races around it."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from payments import gateway
from payments.models import ChargeState, PaymentMethod, PaymentState
from payments.services import bank, charging, crediting
from payments.services.checkout import (
    NotPayable,
    Obstacle,
    expire_attempts,
    has_attempt_under_way,
    sync_payment,
)
from tests.factories.payments import ChargeFactory, PaymentFactory
from tests.payments import recorder

pytestmark = pytest.mark.django_db(transaction=True)


def session_states(stripe) -> list[str]:
    return [session["status"] for session in stripe.objects("checkout.session")]


def test_an_open_session_is_ended_at_stripe(stripe, start) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    assert expire_attempts(charge.pk)
    payment.refresh_from_db()
    assert payment.state == PaymentState.EXPIRED
    assert session_states(stripe) == ["expired"]
    assert expire_attempts(charge.pk)


def test_one_that_was_paid_keeps_its_place(stripe, start) -> None:
    charge = ChargeFactory()
    stripe.pay(start(charge).session_id)
    assert not expire_attempts(charge.pk)
    charge.refresh_from_db()
    assert charge.state == ChargeState.PAID
    assert recorder.told(charge) == ["paid"]


def test_one_that_is_being_processed_keeps_its_place(stripe, start) -> None:
    charge = ChargeFactory()
    stripe.pay_async(start(charge).session_id)
    assert not expire_attempts(charge.pk)
    assert charge.payments.get().state == PaymentState.PROCESSING


def test_one_that_expired_by_itself_is_over(stripe, start) -> None:
    charge = ChargeFactory()
    stripe.expire(start(charge).session_id)
    assert expire_attempts(charge.pk)


def test_a_begun_attempt_without_a_session_is_over(stripe) -> None:
    charge = PaymentFactory().charge
    assert expire_attempts(charge.pk)
    assert charge.payments.get().state == PaymentState.EXPIRED


def test_with_stripe_down_the_place_is_kept(stripe, start) -> None:
    charge = ChargeFactory()
    start(charge)
    stripe.fail_next("429")
    with pytest.raises(gateway.GatewayUnavailable):
        expire_attempts(charge.pk)
    assert charge.payments.get().state == PaymentState.OPEN


def test_a_lost_reply_to_the_expiry_is_asked_after(stripe, start) -> None:
    charge = ChargeFactory()
    start(charge)
    stripe.fail_next("reply_lost", method="POST")
    assert expire_attempts(charge.pk)


def test_paying_and_expiring_at_the_same_moment_one_wins(stripe, start, at_once) -> None:
    for _round in range(5):
        charge = ChargeFactory()
        payment = start(charge)
        pay = [lambda session=payment.session_id: stripe.pay(session)]
        _paid, released = at_once(*pay, lambda pk=charge.pk: expire_attempts(pk))
        payment = sync_payment(payment.pk)
        charge.refresh_from_db()
        assert released == (charge.state == ChargeState.OPEN)
        assert payment.state in (PaymentState.SUCCEEDED, PaymentState.EXPIRED)


def test_an_attempt_ended_while_stripe_is_asked_gives_no_session(stripe, start) -> None:
    charge = ChargeFactory()
    stripe.fail_next("slow", path="/v1/checkout/sessions", seconds=0.6)
    caught: list[Exception] = []

    def call() -> None:
        try:
            start(charge)
        except NotPayable as obstacle:
            caught.append(obstacle)

    thread = threading.Thread(target=call)
    thread.start()
    while not stripe.requests:
        thread.join(0.02)
    assert expire_attempts(charge.pk)
    thread.join()
    assert [error.obstacle for error in caught] == [Obstacle.CLOSED]
    assert session_states(stripe) == ["expired"]
    assert charge.payments.get().state == PaymentState.EXPIRED


def test_whoever_releases_the_place_can_see_that_someone_began_to_pay(stripe, start) -> None:
    charge = ChargeFactory()
    with transaction.atomic():
        assert not has_attempt_under_way(charge.pk)
    start(charge)
    with transaction.atomic():
        assert has_attempt_under_way(charge.pk)


@pytest.mark.parametrize("way", ["credit", "invoice", "bank"])
def test_a_charge_that_needs_no_payment_closes_its_payment_page(
    stripe, start, run_jobs, way: str
) -> None:
    charge = ChargeFactory()
    start(charge)
    if way == "credit":
        crediting.credit_charge(charge, key="c", reason="Udmeldt")
    elif way == "invoice":
        charging.change_method(charge, PaymentMethod.INVOICE, {})
    else:
        bank.settle_outside_stripe(charge)
    assert "payments.expire_attempts" in run_jobs()
    assert session_states(stripe) == ["expired"]


def test_an_attempt_never_sent_is_over_with_its_time(stripe) -> None:
    payment = PaymentFactory(expires_at=timezone.now() - timedelta(seconds=1))
    assert sync_payment(payment.pk).state == PaymentState.EXPIRED
    waiting = PaymentFactory()
    assert sync_payment(waiting.pk).state == PaymentState.CREATED
