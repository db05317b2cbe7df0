"""Money sent back: once, whatever is lost, and what the dashboard sent back too."""

import pytest
from django.db import transaction

from payments import gateway
from payments.models import Payment, RefundState
from payments.services import crediting, refunds
from payments.services.checkout import sync_payment
from payments.services.refunds import RefundTooLarge, refund_payment, request_refund
from tests.factories.payments import ChargeFactory

pytestmark = pytest.mark.django_db(transaction=True)

CREATE = "/v1/refunds"


@pytest.fixture
def paid(stripe, start) -> Payment:
    payment = start(ChargeFactory())
    stripe.pay(payment.session_id)
    return sync_payment(payment.pk)


@pytest.mark.disorder("a refund without the credit it belongs to")
def test_a_refund_is_sent_once(stripe, paid: Payment) -> None:
    for _time in range(3):
        refund = refund_payment(paid.pk, amount=100_000, reason="Rettelse", key="k")
    assert refund.state == RefundState.SUCCEEDED
    (sent,) = stripe.objects("refund")
    assert sent["amount"] == 100_000
    assert sent["metadata"] == {"refund": str(refund.pk)}
    assert refunds.refundable(paid) == 775_000


@pytest.mark.disorder("a refund without the credit it belongs to")
def test_asked_for_at_the_same_moment_it_is_sent_once(stripe, paid: Payment, at_once) -> None:
    call = lambda: refund_payment(paid.pk, amount=100, reason="Rettelse", key="k")  # noqa: E731
    results = at_once(*[call] * 4)
    assert len({refund.pk for refund in results}) == 1
    assert len(stripe.objects("refund")) == 1


@pytest.mark.parametrize("fault", ["reply_lost", "503", "timeout"])
@pytest.mark.disorder("a refund without the credit it belongs to")
def test_a_lost_reply_makes_no_second_refund(stripe, paid: Payment, fault: str) -> None:
    stripe.fail_next(fault, count=2, method="POST", path=CREATE, seconds=0.1)
    with pytest.raises(gateway.GatewayUnavailable):
        refund_payment(paid.pk, amount=875_000, reason="Udmeldt", key="k")
    assert paid.refunds.get().state == RefundState.CREATED
    refund = refund_payment(paid.pk, amount=875_000, reason="Udmeldt", key="k")
    assert refund.state == RefundState.SUCCEEDED
    assert len(stripe.objects("refund")) == 1


@pytest.mark.disorder("a refund without the credit it belongs to")
def test_a_day_later_when_stripe_forgot_the_key_it_is_known_again(stripe, paid: Payment) -> None:
    stripe.fail_next("reply_lost", count=2, method="POST", path=CREATE)
    with pytest.raises(gateway.GatewayUnavailable):
        refund_payment(paid.pk, amount=100, reason="Rettelse", key="k")
    stripe.advance(25 * 3600)
    refund_payment(paid.pk, amount=100, reason="Rettelse", key="k")
    assert len(stripe.objects("refund")) == 1


@pytest.mark.disorder("a refund without the credit it belongs to")
def test_a_failure_that_the_key_keeps_is_overcome(stripe, paid: Payment) -> None:
    stripe.fail_next("500", method="POST", path=CREATE)
    with pytest.raises(gateway.GatewayUnavailable):
        refund_payment(paid.pk, amount=100, reason="Rettelse", key="k")
    assert refund_payment(paid.pk, amount=100, reason="Rettelse", key="k").stripe_id
    assert len(stripe.objects("refund")) == 1


@pytest.mark.disorder("a refund without the credit it belongs to")
def test_no_more_than_was_paid_goes_back(stripe, paid: Payment) -> None:
    refund_payment(paid.pk, amount=800_000, reason="Rettelse", key="k")
    with pytest.raises(RefundTooLarge):
        refund_payment(paid.pk, amount=75_001, reason="Rettelse", key="k2")
    with pytest.raises(ValueError, match="0"):
        refund_payment(paid.pk, amount=0, reason="Rettelse", key="k3")


@pytest.mark.disorder("a refund without the credit it belongs to")
def test_a_request_rolled_back_sends_nothing(stripe, paid: Payment, run_jobs) -> None:
    with transaction.atomic():
        request_refund(paid, amount=100, reason="Rettelse", key="k")
        transaction.set_rollback(True)
    assert "payments.refund" not in run_jobs()
    with transaction.atomic():
        request_refund(paid, amount=100, reason="Rettelse", key="k")
        request_refund(paid, amount=100, reason="Rettelse", key="k")
    assert run_jobs().count("payments.refund") == 1
    assert len(stripe.objects("refund")) == 1


@pytest.mark.disorder("a refund without the credit it belongs to")
def test_a_refund_that_stripe_refuses_has_failed_with_its_code(stripe, paid: Payment) -> None:
    stripe.refund_in_dashboard(paid.session_id)
    refund = refund_payment(paid.pk, amount=100, reason="Rettelse", key="k")
    assert (refund.state, refund.failure) == (RefundState.FAILED, "charge_already_refunded")


@pytest.mark.disorder("a refund without the credit it belongs to")
def test_a_pending_refund_is_followed_to_its_end(stripe, paid: Payment) -> None:
    stripe.knobs.refund_status = "pending"
    refund = refund_payment(paid.pk, amount=100, reason="Rettelse", key="k")
    assert refund.state == RefundState.PENDING
    stripe.succeed_refund(refund.stripe_id)
    sync_payment(paid.pk)
    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED


def test_a_refund_that_fails_later_gives_its_amount_back(stripe, paid: Payment) -> None:
    refund = refund_payment(paid.pk, amount=875_000, reason="Udmeldt", key="k")
    stripe.fail_refund(refund.stripe_id)
    sync_payment(paid.pk)
    refund.refresh_from_db()
    assert refund.state == RefundState.FAILED
    assert refund.failure
    assert refunds.refundable(paid) == 875_000


def test_refunds_of_the_dashboard_are_recorded(stripe, paid: Payment) -> None:
    stripe.refund_in_dashboard(paid.session_id, 1_000)
    stripe.refund_in_dashboard(paid.session_id, 2_000)
    for _time in range(2):
        sync_payment(paid.pk)
    assert sorted(paid.refunds.values_list("amount", flat=True)) == [1_000, 2_000]
    assert refunds.refundable(paid) == 872_000


def test_crediting_a_paid_charge_sends_the_rest_back(stripe, paid: Payment, run_jobs) -> None:
    refund_payment(paid.pk, amount=75_000, reason="Rettelse", key="k")
    for _time in range(2):
        crediting.credit_charge(paid.charge, key="c", reason="Udmeldt")
    run_jobs()
    assert sorted(entry["amount"] for entry in stripe.objects("refund")) == [75_000, 800_000]


@pytest.mark.disorder("money that is not owed waits for a person")
def test_crediting_can_leave_the_money_to_a_person(stripe, paid: Payment, run_jobs) -> None:
    crediting.credit_charge(paid.charge, key="c", reason="Udmeldt", refund=False)
    assert "payments.refund" not in run_jobs()


def test_a_refund_waits_for_stripe_to_come_back(stripe, paid: Payment, run_jobs) -> None:
    crediting.credit_charge(paid.charge, key="c", reason="Udmeldt")
    stripe.fail_next("429")
    with pytest.raises(gateway.GatewayUnavailable):
        run_jobs()
    refunds.send_refund(paid.refunds.get().pk)
    assert paid.refunds.get().state == RefundState.SUCCEEDED
