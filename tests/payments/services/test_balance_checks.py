"""What does not agree with Stripe's balance is told, and nothing else."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone, translation

from payments.models import BalanceReading, BalanceTransaction, Payment, Payout, Refund
from payments.services import balance, balance_checks, journal
from payments.services.checkout import sync_payment
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db(transaction=True)

GROSS = 875_000


@pytest.fixture(autouse=True)
def _seller() -> None:
    make_seller()


@pytest.fixture
def pay(stripe, start):
    def call(*, heard: bool = True) -> Payment:
        payment = start(ChargeFactory())
        stripe.pay(payment.session_id)
        return sync_payment(payment.pk) if heard else payment

    return call


def told(**later: int) -> list[str]:
    """What is told so much later, once what is due is posted."""
    with time_machine.travel(timezone.now() + timedelta(**later)):
        journal.post_due()
        return [str(line) for line in balance_checks.differences()]


def checks_ledger() -> str:
    """What the command prints; it fails."""
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("check_ledger", stdout=output)
    return output.getvalue()


@pytest.mark.disorder("Stripe's row is taken away")
def test_a_payment_without_transaction_is_told_once_it_is_old(stripe, pay) -> None:
    balance.import_balance()
    payment = pay()
    assert told() == told(hours=11) == []
    lines = told(hours=13)
    assert f"payment {payment.pk}: {GROSS} was paid, Stripe's balance received 0" in lines
    assert any(line.startswith("the journal has") for line in lines)


def test_a_transaction_without_payment_is_told_once_it_is_old(stripe, pay) -> None:
    pay(heard=False)
    balance.import_balance()
    assert told() == told(hours=11) == []
    (line,) = told(hours=13)
    assert line.endswith(f"{GROSS}: no payment or refund of ours")


def test_a_refund_that_never_left_is_told(stripe, pay) -> None:
    payment = pay()
    balance.import_balance()
    Refund.objects.create(
        payment=payment,
        key="r",
        amount=500,
        state="succeeded",
        stripe_id="re_made_up",
        succeeded_at=timezone.now(),
    )
    assert told(hours=1) == []
    assert f"payment {payment.pk}: 500 was refunded, 0 left Stripe's balance" in told(hours=13)
    Refund.objects.all().delete()


def test_a_refund_under_way_is_none_of_the_differences(stripe, pay) -> None:
    payment = pay()
    stripe.refund_in_dashboard(payment.session_id, 5_000, status="pending")
    sync_payment(payment.pk)
    balance.import_balance()
    assert told() == told(hours=13) == []


def test_an_amount_that_is_another_is_told(stripe, pay) -> None:
    payment = pay()
    stripe.override("balance_transaction", amount=GROSS + 1, net=GROSS + 1, fee=0)
    balance.import_balance()
    stripe.override("balance_transaction")
    lines = told(hours=13)
    assert f"payment {payment.pk}: {GROSS} was paid, Stripe's balance received {GROSS + 1}" in lines
    assert any(line.startswith("Stripe holds") for line in lines)


def test_what_is_of_no_known_kind_breaks_the_month(stripe, pay) -> None:
    pay()
    stripe.override("balance_transaction", type="topup", reporting_category="topup")
    balance.import_balance()
    stripe.override("balance_transaction")
    (line, *_more) = told()
    assert "is neither payment nor refund" in line
    assert str(GROSS) in line
    assert "is neither payment nor refund" in checks_ledger()


def test_a_lost_transaction_breaks_balance_payout_and_books(stripe, pay) -> None:
    pay(), pay()
    stripe.payout()
    balance.import_balance()
    assert told() == []
    first = BalanceTransaction.objects.filter(category="payment").earliest("pk")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL payments.retention = 'on'")
        cursor.execute("DELETE FROM payments_balancetransaction WHERE id = %s", [first.pk])
    assert any("what it consists of sums to" in line for line in told())
    assert "what it consists of" in checks_ledger()


def test_a_payout_that_never_left_is_told(stripe) -> None:
    balance.import_balance()
    Payout.objects.create(
        stripe_id="po_x",
        livemode=False,
        amount=500,
        state="paid",
        created_at=timezone.now(),
        arrives_on=timezone.localdate(),
    )
    assert told() == ["payout po_x of 500: 0 left Stripe's balance"]


def test_a_reading_that_fails_for_a_day_is_told(stripe, pay) -> None:
    balance.import_balance()
    assert told(hours=23) == []
    assert any(line.startswith("Stripe's balance was last read") for line in told(hours=25))


def test_a_balance_that_was_never_read_is_told_once_somebody_paid(stripe, pay) -> None:
    assert told() == []
    pay()
    assert told(hours=11) == []
    assert told(hours=13) == ["Stripe's balance was never read"]


def test_money_that_moves_while_one_reads_is_left_to_the_next_reading(stripe, pay) -> None:
    balance.import_balance()
    before = BalanceReading.objects.get()
    pay()
    balance._note(before.held, livemode=False)
    assert BalanceReading.objects.get().read_at == before.read_at
    balance.import_balance()
    assert told() == []


def test_the_command_reads_the_balance_and_tells(stripe, pay) -> None:
    pay()
    output = StringIO()
    call_command("reconcile_payments", stdout=output)
    assert "1 new balance transactions" in output.getvalue()
    stripe.fail_next("429", path="/v1/balance")
    with pytest.raises(CommandError):
        call_command("reconcile_payments", stdout=output)
    assert "balance: " in output.getvalue()


def test_the_ledger_agrees_with_stripes_balance(stripe, pay) -> None:
    pay()
    balance.import_balance()
    output = StringIO()
    call_command("check_ledger", stdout=output)
    assert "The ledger agrees." in output.getvalue()


def test_a_person_reads_it_in_danish_and_kroner(stripe) -> None:
    balance.import_balance()
    BalanceReading.objects.update(held=12_345)
    (line,) = balance_checks.differences()
    assert str(line) == "Stripe holds 12345, its transactions sum to 0"
    with translation.override("da"):
        assert "123,45 kr." in line.text
        assert "Stripe" in line.text
        assert line.text != str(line)
