"""A payment that needs review: every way out, and none that loses or invents money."""

import pytest

from cms.audit import SYSTEM
from cms.messages.models import Message
from payments import gateway
from payments.models import Charge, ChargeState, Payment, PaymentState
from payments.services import bank, charging, journal, ledger, review
from payments.services.checkout import sync_payment
from payments.services.review import NotDecidable, Obstacle
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller
from tests.payments import recorder

pytestmark = pytest.mark.django_db(transaction=True)

BY = {"actor": SYSTEM, "reason": "Aftalt med køber"}
WAYS = (review.accept, review.send_back, review.close)


@pytest.fixture
def odd(stripe, start):
    """A payment of which Stripe says something else than was asked for."""

    def call(*, paid: bool = True, **shown: object) -> Payment:
        payment = start(ChargeFactory())
        if paid:
            stripe.pay(payment.session_id)
        stripe.override(payment.session_id, **shown)
        return sync_payment(payment.pk)

    return call


def refusal(way, payment: Payment) -> Obstacle:
    with pytest.raises(NotDecidable) as refused:
        way(payment.pk, **BY)
    return refused.value.obstacle


def agrees() -> None:
    journal.post_due()
    assert [*ledger.differences()] == []


def test_finance_is_told_once(odd) -> None:
    make_seller(alert_email="oekonomi@example.org")
    payment = odd(amount_total=900_000)
    sync_payment(payment.pk)
    message = Message.objects.get(template="finance_alert")
    assert message.to_email == "oekonomi@example.org"
    assert str(payment.pk) in message.body


@pytest.mark.disorder("Stripe shows an amount that it did not receive")
def test_what_covers_the_charge_is_accepted_and_the_rest_goes_back(odd, run_jobs) -> None:
    payment = odd(amount_total=900_000)
    assert payment.state == PaymentState.NEEDS_REVIEW
    payment = review.accept(payment.pk, **BY)
    charge = Charge.objects.get()
    assert (payment.state, payment.amount) == (PaymentState.SUCCEEDED, 900_000)
    assert charge.state == ChargeState.PAID
    assert [row.amount for row in payment.refunds.all()] == [25_000]
    assert recorder.told(charge) == ["paid"]
    assert [*ledger.differences()] == []
    assert sync_payment(payment.pk).state == PaymentState.SUCCEEDED
    assert [refusal(way, payment) for way in WAYS] == [Obstacle.DECIDED] * 3


@pytest.mark.disorder("Stripe shows an amount that it did not receive")
def test_too_little_is_not_accepted_but_sent_back_and_the_charge_can_be_paid(
    stripe, odd, start, run_jobs
) -> None:
    payment = odd(amount_total=500_000)
    charge = Charge.objects.get()
    assert refusal(review.accept, payment) == Obstacle.TOO_LITTLE
    assert refusal(review.close, payment) == Obstacle.PAID
    payment = review.send_back(payment.pk, **BY)
    run_jobs("payments.refund")
    assert [row["amount"] for row in stripe.objects("refund")] == [500_000]
    assert charging.still_owed(charge) == 875_000
    agrees()
    again = start(charge)
    stripe.pay(again.session_id)
    assert sync_payment(again.pk).state == PaymentState.SUCCEEDED
    agrees()


@pytest.mark.disorder("Stripe shows an amount that it did not receive")
def test_of_a_charge_paid_meanwhile_it_can_only_go_back(stripe, odd, run_jobs) -> None:
    payment = odd(amount_total=900_000)
    bank.settle_outside_stripe(Charge.objects.get())
    assert refusal(review.accept, payment) == Obstacle.NOTHING_OWED
    review.send_back(payment.pk, **BY)
    agrees()


def test_what_was_never_paid_is_closed_and_its_page_with_it(stripe, odd, start) -> None:
    payment = odd(paid=False, amount_total=900_000)
    assert refusal(review.accept, payment) == Obstacle.UNPAID
    assert refusal(review.send_back, payment) == Obstacle.UNPAID
    payment = review.close(payment.pk, **BY)
    assert payment.state == PaymentState.FAILED
    assert stripe.objects("checkout.session")[0]["status"] == "expired"
    assert sync_payment(payment.pk).state == PaymentState.FAILED
    assert start(payment.charge).state == PaymentState.OPEN
    agrees()


@pytest.mark.disorder("Stripe has money that the books can't hold")
def test_in_another_currency_it_is_sent_back_in_the_dashboard_and_closed(stripe, odd) -> None:
    payment = odd(currency="eur")
    assert refusal(review.accept, payment) == Obstacle.CURRENCY
    assert refusal(review.send_back, payment) == Obstacle.CURRENCY
    assert refusal(review.close, payment) == Obstacle.PAID
    stripe.refund_in_dashboard(payment.session_id)
    payment = review.close(payment.pk, **BY)
    assert payment.state == PaymentState.FAILED
    assert sync_payment(payment.pk).state == PaymentState.FAILED
    agrees()


@pytest.mark.disorder("somebody else's session")
def test_somebody_elses_session_is_left_alone_and_closed(stripe, odd) -> None:
    payment = odd(client_reference_id="another")
    assert refusal(review.accept, payment) == Obstacle.NOT_OURS
    assert refusal(review.send_back, payment) == Obstacle.NOT_OURS
    assert review.close(payment.pk, **BY).state == PaymentState.FAILED
    assert sync_payment(payment.pk).state == PaymentState.FAILED
    agrees()


@pytest.mark.disorder("Stripe shows an amount that it did not receive")
def test_sent_back_whole_in_the_dashboard_it_is_booked_with_its_refund(stripe, odd) -> None:
    payment = odd(amount_total=900_000)
    stripe.override(payment.session_id, amount_total=875_001)
    stripe.refund_in_dashboard(payment.session_id)
    agrees()
    review.send_back(payment.pk, **BY)
    agrees()


@pytest.mark.disorder("Stripe shows an amount that it did not receive")
def test_decided_by_two_at_once_one_decision_holds(odd, at_once) -> None:
    payment = odd(amount_total=900_000)
    results = at_once(
        lambda: review.accept(payment.pk, **BY), lambda: review.send_back(payment.pk, **BY)
    )
    refused = [row for row in results if isinstance(row, NotDecidable)]
    assert [row.obstacle for row in refused] == [Obstacle.DECIDED]
    assert [*ledger.differences()] == []


def test_without_an_answer_nothing_is_changed(stripe, odd) -> None:
    payment = odd(paid=False, amount_total=900_000)
    for way in WAYS:
        stripe.fail_next("503", count=2)
        with pytest.raises(gateway.GatewayUnavailable):
            way(payment.pk, **BY)
    payment.refresh_from_db()
    assert payment.state == PaymentState.NEEDS_REVIEW
    review.close(payment.pk, **BY)
