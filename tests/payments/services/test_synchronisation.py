"""What Stripe says of a payment, applied: once, in any order, and only when it agrees."""

import itertools

import pytest

from payments import gateway
from payments.models import ChargeState, Payment, PaymentState, RefundState
from payments.services import bank, crediting
from payments.services.checkout import sync_payment
from tests.factories.payments import ChargeFactory, PaymentFactory
from tests.payments import recorder

pytestmark = pytest.mark.django_db(transaction=True)


def test_paid_at_stripe_is_paid_here(stripe, start) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay(payment.session_id)
    payment = sync_payment(payment.pk)
    charge.refresh_from_db()
    assert (payment.state, charge.state) == (PaymentState.SUCCEEDED, ChargeState.PAID)
    assert payment.paid_at
    assert payment.payment_intent_id.startswith("pi_")
    assert recorder.told(charge) == ["paid"]


def test_syncing_again_changes_and_tells_nothing(stripe, start) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay(payment.session_id)
    first = sync_payment(payment.pk)
    second = sync_payment(payment.pk)
    assert second.paid_at == first.paid_at
    assert recorder.told(charge) == ["paid"]


def test_syncing_at_the_same_moment_tells_once(stripe, start, at_once) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay(payment.session_id)
    results = at_once(*[lambda: sync_payment(payment.pk)] * 6)
    assert {result.state for result in results} == {PaymentState.SUCCEEDED}
    assert recorder.told(charge) == ["paid"]


def test_an_unpaid_open_session_stays_open(stripe, start) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.decline(payment.session_id)
    assert sync_payment(payment.pk).state == PaymentState.OPEN
    assert recorder.told(charge) == []


@pytest.mark.parametrize(
    "wrong", [{"amount_total": 1}, {"currency": "eur"}, {"livemode": True}], ids=str
)
def test_money_that_is_not_what_was_asked_for_never_pays(stripe, start, wrong: dict) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay(payment.session_id)
    stripe.override(payment.session_id, **wrong)
    for _time in range(2):
        payment = sync_payment(payment.pk)
        assert payment.state == PaymentState.NEEDS_REVIEW
        assert payment.review_reason
    charge.refresh_from_db()
    assert charge.state == ChargeState.OPEN
    assert recorder.told(charge) == []


@pytest.mark.disorder("two payments of one session")
def test_a_session_of_another_payment_never_pays(stripe, start) -> None:
    foreign = start(ChargeFactory())
    charge = ChargeFactory()
    payment = PaymentFactory(charge=charge)
    stripe.pay(foreign.session_id)
    Payment.objects.filter(pk=foreign.pk).update(session_id=None)
    payment = sync_payment(payment.pk, session_id=foreign.session_id)
    assert payment.state == PaymentState.NEEDS_REVIEW
    assert recorder.told(charge) == []


def test_a_payment_under_way_takes_its_time(stripe, start) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay_async(payment.session_id)
    assert sync_payment(payment.pk).state == PaymentState.PROCESSING
    assert recorder.told(charge) == []
    stripe.settle(payment.session_id, "succeeded")
    assert sync_payment(payment.pk).state == PaymentState.SUCCEEDED
    assert recorder.told(charge) == ["paid"]


def test_a_payment_under_way_that_fails_opens_the_way_for_another(stripe, start) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay_async(payment.session_id)
    sync_payment(payment.pk)
    stripe.settle(payment.session_id, "failed")
    assert sync_payment(payment.pk).state == PaymentState.FAILED
    stripe.pay(start(charge).session_id)
    sync_payment(charge.payments.get(state=PaymentState.OPEN).pk)
    assert recorder.told(charge) == ["paid"]


NEWS = [
    {"status": "open", "payment_status": "unpaid"},
    {"status": "complete", "payment_status": "unpaid"},
    {"status": "complete", "payment_status": "paid"},
]


@pytest.mark.parametrize("order", list(itertools.permutations(NEWS)), ids=str)
def test_old_news_never_undoes_paid(stripe, start, order: tuple[dict, ...]) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay(payment.session_id)
    for news in order:
        stripe.override(payment.session_id, **news)
        payment = sync_payment(payment.pk)
    assert payment.state == PaymentState.SUCCEEDED
    assert recorder.told(charge) == ["paid"]


@pytest.mark.disorder("money that is not owed waits for a person")
def test_late_money_is_recorded_and_displaces_nobody(stripe, start) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay(payment.session_id)
    crediting.credit_charge(charge, key="c", reason="Udmeldt")
    payment = sync_payment(payment.pk)
    charge.refresh_from_db()
    assert (payment.state, charge.state) == (PaymentState.SUCCEEDED, ChargeState.CREDITED)
    assert not payment.is_duplicate
    assert payment.review_reason
    assert recorder.told(charge) == ["credited", "paid_too_late"]


def paid_twice(stripe, start) -> tuple[Payment, Payment]:
    """Two sessions of one charge, both paid: the first was lost from sight."""
    charge = ChargeFactory()
    first = start(charge)
    Payment.objects.filter(pk=first.pk).update(state=PaymentState.EXPIRED)
    second = start(charge)
    stripe.pay(first.session_id)
    stripe.pay(second.session_id)
    return first, second


def test_of_two_attempts_paid_the_second_is_refunded_once(stripe, start, run_jobs) -> None:
    first, second = paid_twice(stripe, start)
    for payment in (first, second, first, second):
        sync_payment(payment.pk)
    run_jobs(only="payments.refund")
    sync_payment(second.pk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_duplicate, second.is_duplicate) == (False, True)
    (refund,) = stripe.objects("refund")
    assert refund["payment_intent"] == second.payment_intent_id
    assert second.refunds.get().state == RefundState.SUCCEEDED
    assert not first.refunds.exists()
    assert not first.charge.credits.exists()
    assert recorder.told(first.charge) == ["paid"]


def test_two_attempts_paid_at_the_same_moment_count_once(stripe, start, run_jobs, at_once) -> None:
    first, second = paid_twice(stripe, start)
    at_once(*[lambda pk=pk: sync_payment(pk) for pk in (first.pk, second.pk) * 2])
    run_jobs(only="payments.refund")
    assert Payment.objects.filter(is_duplicate=True).count() == 1
    assert len(stripe.objects("refund")) == 1
    assert recorder.told(first.charge) == ["paid"]


def test_paid_by_bank_and_by_card_the_card_payment_is_refunded(stripe, start, run_jobs) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay(payment.session_id)
    bank.settle_outside_stripe(charge)
    run_jobs()
    payment.refresh_from_db()
    assert payment.is_duplicate
    assert len(stripe.objects("refund")) == 1
    assert recorder.told(charge) == ["paid"]


def test_a_handler_that_fails_leaves_nothing_applied(stripe, start) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay(payment.session_id)
    recorder.failures.append(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        sync_payment(payment.pk)
    charge.refresh_from_db()
    payment.refresh_from_db()
    assert (payment.state, charge.state) == (PaymentState.OPEN, ChargeState.OPEN)
    assert recorder.told(charge) == []
    sync_payment(payment.pk)
    assert recorder.told(charge) == ["paid"]


def test_stripe_unreachable_changes_nothing(stripe, start) -> None:
    payment = start(ChargeFactory())
    stripe.pay(payment.session_id)
    stripe.fail_next("429")
    with pytest.raises(gateway.GatewayUnavailable):
        sync_payment(payment.pk)
    payment.refresh_from_db()
    assert payment.state == PaymentState.OPEN


def test_a_dispute_is_flagged_and_takes_nothing_away(stripe, start) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay(payment.session_id)
    dispute = stripe.open_dispute(payment.session_id)
    assert sync_payment(payment.pk).dispute_state == "needs_response"
    stripe.close_dispute(dispute["id"], "lost")
    assert sync_payment(payment.pk).dispute_state == "lost"
    charge.refresh_from_db()
    assert charge.state == ChargeState.PAID
    assert recorder.told(charge) == ["paid"]
