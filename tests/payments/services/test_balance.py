"""Stripe's balance is taken in whole, once, and linked to what is ours."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from payments import gateway, jobs
from payments.models import (
    BalanceReading,
    BalanceTransaction,
    Payment,
    PaymentState,
    Payout,
)
from payments.services import balance, balance_checks, journal
from payments.services.checkout import sync_payment
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db(transaction=True)

GROSS = 875_000
FEE = GROSS * 14 // 1000 + 180
DISPUTE_FEE = 11_000


@pytest.fixture(autouse=True)
def _seller() -> None:
    make_seller()


@pytest.fixture
def paid(stripe, start):
    """Pay a new charge at 1.4 % + 1.80 kr., and hear of it."""
    stripe.set_fee(14, 180)

    def pay() -> Payment:
        payment = start(ChargeFactory())
        stripe.pay(payment.session_id)
        return sync_payment(payment.pk)

    return pay


def rows() -> list[tuple]:
    found = BalanceTransaction.objects.order_by("created_at", "pk")
    return list(found.values_list("type", "category", "amount", "fee", "net"))


def agreed() -> None:
    """Everything says the same, and the clearing account is what Stripe holds."""
    journal.post_due()
    assert [*journal.differences(), *balance_checks.differences()] == []
    booked, held = balance_checks.clearing_account()
    assert booked == held == BalanceReading.objects.get().held


def test_a_payment_is_taken_in_with_its_fee_and_linked(stripe, paid) -> None:
    payment = paid()
    assert balance.import_balance() == 1
    row = BalanceTransaction.objects.get()
    assert rows() == [("charge", "payment", GROSS, FEE, GROSS - FEE)]
    assert (row.payment, row.refund, row.payout, row.livemode) == (payment, None, None, False)
    assert row.source_id.startswith("ch_")
    assert row.available_on - row.created_at == timedelta(days=3)
    agreed()


def test_the_same_again_adds_nothing(stripe, paid) -> None:
    paid()
    assert [balance.import_balance() for _time in range(3)] == [1, 0, 0]
    assert BalanceTransaction.objects.count() == 1


def test_every_kind_of_event_is_known_and_the_books_agree(stripe, paid, start) -> None:
    first, second, third = paid(), paid(), paid()
    asynchronous = start(ChargeFactory())
    stripe.pay_async(asynchronous.session_id)
    stripe.settle(asynchronous.session_id, "succeeded")
    stripe.refund_in_dashboard(first.session_id, 5_000)
    failed = stripe.refund_in_dashboard(second.session_id, 7_000)
    stripe.fail_refund(failed["id"])
    stripe.refund_in_dashboard(asynchronous.session_id, 100)
    stripe.close_dispute(stripe.open_dispute(third.session_id)["id"], "won")
    stripe.open_dispute(second.session_id)
    stripe.bill_fee(2_500)
    payout = stripe.payout()
    stripe.fail_payout(payout["id"])
    for payment in (first, second, third, asynchronous):
        sync_payment(payment.pk)
    balance.import_balance()
    kinds = {(kind, category) for kind, category, *_amounts in rows()}
    assert kinds == {
        ("charge", "payment"),
        ("payment", "payment"),
        ("refund", "refund"),
        ("refund_failure", "refund"),
        ("payment_refund", "refund"),
        ("adjustment", "dispute"),
        ("stripe_fee", "fee"),
        ("payout", "payout"),
        ("payout_failure", "payout"),
    }
    disputes = BalanceTransaction.objects.filter(category="dispute").order_by("pk")
    assert [row.fee for row in disputes] == [DISPUTE_FEE, 0, DISPUTE_FEE]
    assert {row.payment for row in disputes} == {second, third}
    assert all(row.refund for row in BalanceTransaction.objects.filter(category="refund"))
    agreed()


def test_more_than_a_page_is_read(stripe, paid) -> None:
    for _number in range(101):
        stripe.bill_fee(1)
    assert balance.import_balance() == 101


def test_what_was_missed_is_found_within_the_overlap(stripe, paid) -> None:
    paid(), paid()
    balance.import_balance()
    oldest = BalanceTransaction.objects.earliest("created_at", "pk").pk
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL payments.retention = 'on'")
        cursor.execute("DELETE FROM payments_balancetransaction WHERE id = %s", [oldest])
    assert balance.import_balance() == 1


def test_only_what_came_since_is_asked_for(stripe, paid) -> None:
    paid()
    balance.import_balance()
    balance.import_balance()
    asked = [r.body for r in stripe.requests if r.path == "/v1/balance_transactions"]
    since = BalanceTransaction.objects.get().created_at - balance.OVERLAP
    assert "created" not in asked[0]
    assert f"={int(since.timestamp())}&" in f"{asked[1]}&"


def test_a_transaction_that_comes_before_its_payment_is_known_is_linked_later(
    stripe, start
) -> None:
    payment = start(ChargeFactory())
    stripe.pay(payment.session_id)
    balance.import_balance()
    row = BalanceTransaction.objects.get()
    assert row.payment is None
    sync_payment(payment.pk)
    balance.import_balance()
    row.refresh_from_db()
    assert row.payment == payment
    agreed()


def test_a_payout_is_known_with_what_it_consists_of(stripe, paid) -> None:
    paid(), paid()
    listed = stripe.payout()
    balance.import_balance()
    payout = Payout.objects.get()
    assert (payout.stripe_id, payout.amount) == (listed["id"], 2 * (GROSS - FEE))
    assert payout.arrives_on == timezone.localdate()
    assert payout.transactions.aggregate(total=Sum("net"))["total"] == payout.amount
    asked = len(stripe.requests)
    balance.import_balance()
    assert not any("payout=" in request.body for request in stripe.requests[asked:])
    agreed()


def test_a_payout_that_failed_is_back_and_paid_out_again(stripe, paid) -> None:
    paid()
    first = stripe.payout()
    balance.import_balance()
    stripe.fail_payout(first["id"])
    balance.import_balance()
    assert Payout.objects.get().state == "failed"
    agreed()
    stripe.payout()
    balance.import_balance()
    assert Payout.objects.count() == 2
    agreed()
    assert BalanceReading.objects.get().held == 0


def test_a_payout_that_was_left_half_read_is_read_to_its_end(stripe, paid) -> None:
    paid()
    stripe.payout()
    balance.import_balance()
    Payout.objects.update(listed_at=None)
    balance.import_balance()
    assert Payout.objects.get().listed_at
    agreed()


def test_nothing_is_kept_of_a_reading_that_failed(stripe, paid) -> None:
    paid()
    stripe.fail_next("429", path="/v1/balance_transactions")
    with pytest.raises(gateway.GatewayUnavailable):
        balance.import_balance()
    assert not BalanceTransaction.objects.exists()
    assert not BalanceReading.objects.exists()
    assert balance.import_balance() == 1


def test_the_job_survives_stripes_silence(stripe, paid, caplog) -> None:
    paid()
    stripe.fail_next("429", path="/v1/balance")
    jobs.import_balance()
    assert "can't be read" in caplog.text
    jobs.import_balance()
    assert BalanceTransaction.objects.count() == 1


def test_without_a_key_nothing_is_asked(settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    jobs.import_balance()
    assert not BalanceReading.objects.exists()


def test_test_and_live_mode_never_mix(stripe, paid, settings) -> None:
    payment = paid()
    Payment.objects.filter(pk=payment.pk).update(livemode=True)
    balance.import_balance()
    row = BalanceTransaction.objects.get()
    assert (row.livemode, row.payment) == (False, None)
    settings.STRIPE_SECRET_KEY = "sk_live_x"
    assert not balance_checks.of_this_mode().exists()
    assert balance_checks.reading() is None
    Payment.objects.filter(pk=payment.pk).update(livemode=False)


def test_money_in_another_currency_is_left_out_and_told(stripe, paid, caplog) -> None:
    paid()
    stripe.override("balance_transaction", currency="eur")
    assert balance.import_balance() == 0
    assert "is in eur" in caplog.text
    stripe.override("balance_transaction")
    assert [line for line in balance_checks.differences() if "Stripe holds" in line]


class TestTheDatabase:
    @pytest.fixture(autouse=True)
    def _row(self, stripe, paid) -> None:
        paid()
        balance.import_balance()

    @pytest.mark.parametrize("change", [{"amount": 1, "net": 1, "fee": 0}, {"payment": None}])
    def test_keeps_what_stripe_said(self, change) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            BalanceTransaction.objects.update(**change)

    def test_keeps_every_row(self) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            BalanceTransaction.objects.all().delete()

    @pytest.mark.parametrize("wrong", [{"net": 1}, {"currency": "eur"}])
    def test_refuses_what_cannot_be(self, wrong) -> None:
        row = BalanceTransaction.objects.get()
        row.pk, row.stripe_id = None, "txn_other"
        for name, value in wrong.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_a_payment_in_review_is_no_payment_of_ours(stripe, start, paid) -> None:
    payment = start(ChargeFactory())
    stripe.override(payment.session_id, amount_total=1)
    stripe.pay(payment.session_id)
    assert sync_payment(payment.pk).state == PaymentState.NEEDS_REVIEW
    balance.import_balance()
    agreed_but_waiting = balance_checks.under_way()
    assert agreed_but_waiting == -GROSS
    stripe.override(payment.session_id)
    sync_payment(payment.pk)
    agreed()
