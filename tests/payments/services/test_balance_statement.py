"""Stripe's months, and how its transactions stand in the books."""

from datetime import date

import pytest
import time_machine

from cms.audit import SYSTEM
from payments.models import BalanceTransaction, Payment, Posting
from payments.services import balance, balance_checks, journal
from payments.services.balance_statement import BalanceMonth, months
from payments.services.checkout import sync_payment
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db(transaction=True)

GROSS = 875_000
FEE = GROSS * 14 // 1000 + 180
DISPUTE_FEE = 11_000
#: The accounts of the settings' defaults.
DEBTORS, BANK, STRIPE = "5600", "5820", "5830"
FEES, DISPUTES, UNCLEAR = "2770", "5840", "5850"
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def clock():
    """Noon of 15 October 2026, Danish time; to be moved. Stripe's clock is the same."""
    with time_machine.travel("2026-10-15T12:00+02:00", tick=False) as moved:
        yield moved


@pytest.fixture(autouse=True)
def _books(clock, stripe):
    """After every test the books, the tables and Stripe say the same."""
    make_seller()
    stripe.set_fee(14, 180)
    yield
    balance.import_balance()
    journal.post_due()
    assert [*journal.differences(), *balance_checks.differences()] == []
    booked, held = balance_checks.clearing_account()
    assert booked == held == balance_checks.reading().held


@pytest.fixture
def pay(stripe, start):
    def call() -> Payment:
        payment = start(ChargeFactory())
        stripe.pay(payment.session_id)
        return sync_payment(payment.pk)

    return call


def read() -> list[BalanceMonth]:
    balance.import_balance()
    return months(balance_checks.of_this_mode())


def posted(kind: str) -> list[tuple[str, int]]:
    journal.post_due()
    rows = Posting.objects.filter(kind=kind).order_by("pk")
    return list(rows.values_list("account", "amount"))


class TestMonths:
    def test_what_came_is_what_went_and_what_is_left(self, stripe, pay, clock) -> None:
        first, second = pay(), pay()
        stripe.refund_in_dashboard(first.session_id, 25_000)
        dispute = stripe.open_dispute(second.session_id)
        stripe.bill_fee(2_500)
        clock.move_to("2026-11-20T12:00+01:00")
        stripe.close_dispute(dispute["id"], "won")
        out = stripe.payout()["amount"]
        for payment in (first, second):
            sync_payment(payment.pk)
        october, november = read()
        fees = 2 * FEE + DISPUTE_FEE + 2_500
        closing = 2 * GROSS - 25_000 - GROSS - fees
        assert october == BalanceMonth(OCTOBER, 5, 0, 2 * GROSS, 25_000, GROSS, fees, 0, closing)
        assert november == BalanceMonth(NOVEMBER, 2, closing, 0, 0, -GROSS, 0, out, 0)
        assert [october.difference, november.difference] == [0, 0]
        assert out == closing + GROSS

    @pytest.mark.parametrize(
        ("moment", "month"),
        [
            ("2026-10-31T22:59:59Z", OCTOBER),
            ("2026-10-31T23:00:00Z", NOVEMBER),
            ("2026-03-31T21:59:59Z", date(2026, 3, 1)),
            ("2026-03-31T22:00:00Z", date(2026, 4, 1)),
        ],
    )
    def test_are_danish_ones(self, stripe, clock, moment, month) -> None:
        clock.move_to(moment)
        stripe.bill_fee(100)
        (line,) = read()
        assert line.month == month

    def test_of_any_number_take_one_query(self, stripe, clock, django_assert_num_queries) -> None:
        for month in range(1, 13):
            clock.move_to(f"2026-{month:02}-10T12:00Z")
            stripe.bill_fee(100)
        assert len(read()) == 12
        with django_assert_num_queries(1):
            months(balance_checks.of_this_mode())


class TestTheBooks:
    def test_a_fee_is_an_expense_that_stripe_kept(self, pay) -> None:
        payment = pay()
        balance.import_balance()
        assert posted("fee") == [(FEES, FEE), (STRIPE, -FEE)]
        fee = Posting.objects.get(kind="fee", role="fees")
        assert (fee.vat_code, fee.charge, fee.network) == (
            "IVY25",
            payment.charge,
            payment.charge.scope_label,
        )

    def test_a_fee_of_its_own_is_of_no_charge(self, stripe) -> None:
        stripe.bill_fee(2_500)
        balance.import_balance()
        assert posted("fee") == [(FEES, 2_500), (STRIPE, -2_500)]
        assert Posting.objects.filter(kind="fee", charge=None, network="").count() == 2

    def test_a_payout_goes_to_the_bank_and_back_when_it_fails(self, stripe, pay) -> None:
        pay()
        payout = stripe.payout()
        balance.import_balance()
        net = GROSS - FEE
        assert posted("payout") == [(STRIPE, -net), (BANK, net)]
        stripe.fail_payout(payout["id"])
        balance.import_balance()
        assert posted("payout")[2:] == [(STRIPE, net), (BANK, -net)]

    def test_a_dispute_takes_the_money_and_may_bring_it_back(self, stripe, pay) -> None:
        payment = pay()
        dispute = stripe.open_dispute(payment.session_id)
        balance.import_balance()
        assert posted("dispute") == [(STRIPE, -GROSS), (DISPUTES, GROSS)]
        assert (FEES, DISPUTE_FEE) in posted("fee")
        stripe.close_dispute(dispute["id"], "won")
        sync_payment(payment.pk)
        balance.import_balance()
        assert posted("dispute")[2:] == [(STRIPE, GROSS), (DISPUTES, -GROSS)]

    def test_the_accounts_and_the_code_are_the_settings(self, stripe) -> None:
        make_seller(account_fees="9999", vat_code_fees="")
        stripe.bill_fee(1)
        balance.import_balance()
        assert posted("fee")[0] == ("9999", 1)
        assert Posting.objects.get(role="fees").vat_code == ""

    def test_what_is_none_of_ours_waits_in_its_own_account_until_it_is(
        self, stripe, start, clock
    ) -> None:
        payment = start(ChargeFactory())
        stripe.pay(payment.session_id)
        balance.import_balance()
        assert posted("unclear") == []
        clock.move_to("2026-10-16T12:00+02:00")
        assert posted("unclear") == [(STRIPE, GROSS), (UNCLEAR, -GROSS)]
        sync_payment(payment.pk)
        balance.import_balance()
        assert posted("unclear_undone") == [(STRIPE, -GROSS), (UNCLEAR, GROSS)]
        assert posted("payment") == [(STRIPE, GROSS), (DEBTORS, -GROSS)]
        assert journal.post_due() == 0

    def test_a_refund_that_takes_days_is_unclear_until_it_arrives(self, stripe, pay, clock) -> None:
        payment = pay()
        refund = stripe.refund_in_dashboard(payment.session_id, 5_000, status="pending")
        sync_payment(payment.pk)
        clock.move_to("2026-10-18T12:00+02:00")
        balance.import_balance()
        assert posted("unclear") == [(STRIPE, -5_000), (UNCLEAR, 5_000)]
        stripe.fail_refund(refund["id"])
        sync_payment(payment.pk)
        balance.import_balance()
        assert posted("unclear_undone") == [(STRIPE, 5_000), (UNCLEAR, -5_000)]
        assert posted("refund") == []

    def test_what_belongs_to_a_closed_month_is_posted_in_an_open_one(
        self, stripe, pay, clock
    ) -> None:
        pay()
        journal.post_due()
        clock.move_to("2026-11-03T12:00+01:00")
        journal.close_month(OCTOBER, actor=SYSTEM)
        balance.import_balance()
        journal.post_due()
        fee = Posting.objects.filter(kind="fee")
        assert {(row.posted_on, row.event_on) for row in fee} == {(NOVEMBER, date(2026, 10, 15))}
        assert all(row.is_late for row in fee)

    def test_every_transaction_is_posted_once(self, stripe, pay) -> None:
        pay(), pay()
        stripe.payout()
        for _time in range(2):
            balance.import_balance()
            journal.post_due()
        assert Posting.objects.filter(kind="fee", role="fees").count() == 2
        assert Posting.objects.filter(kind="payout", role="bank").count() == 1
        assert BalanceTransaction.objects.count() == 3
