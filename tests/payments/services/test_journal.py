"""The journal: every event posted once, whole, in a month that is open."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cms.audit import SYSTEM, AuditEntry
from payments.models import (
    AccountingMonth,
    BankTransfer,
    Charge,
    Payment,
    PaymentMethod,
    Posting,
    Refund,
    RefundState,
)
from payments.services import bank, charging, crediting, invoicing, journal, refunds
from payments.services.charging import Line
from payments.services.journal import NotClosable
from payments.stripe_facts import RefundFacts
from tests.factories.networks import BUYER
from tests.factories.payments import SEASON_FEE, ChargeFactory, PaymentFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db

#: The accounts of the settings' defaults.
DEBTORS, REVENUE, EXEMPT, VAT = "5600", "1010", "1050", "6902"
BANK, STRIPE, DUPLICATES = "5820", "5830", "6850"
OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def clock():
    """Noon of 15 October 2026, Danish time; to be moved."""
    with time_machine.travel("2026-10-15T12:00+02:00", tick=False) as moved:
        yield moved


@pytest.fixture(autouse=True)
def _books(clock):
    """After every test the journal says what the tables say."""
    make_seller()
    yield
    journal.post_due()
    assert list(journal.differences()) == []


def invoiced(**values) -> Charge:
    period = (date(2027, 1, 1), date(2027, 12, 31))
    charge = ChargeFactory(
        **{"method": PaymentMethod.INVOICE, "buyer": BUYER, "period": period, **values}
    )
    invoicing.issue_invoice(charge)
    return charge


def transfer(amount: int, received_on: date | None = None) -> BankTransfer:
    return BankTransfer.objects.create(
        key=f"test:{BankTransfer.objects.count()}",
        received_on=received_on or timezone.localdate(),
        amount=amount,
    )


def paid_by_card(**facts) -> Payment:
    payment = PaymentFactory(
        charge=ChargeFactory(buyer=BUYER), state="succeeded", paid_at=timezone.now(), **facts
    )
    charging.mark_paid(payment.charge)
    return payment


def sent_back(payment: Payment) -> Refund:
    refund = Refund.objects.create(
        payment=payment, key=f"r:{payment.pk}", amount=payment.amount, reason="Fejl"
    )
    told(refund, "succeeded")
    return refund


def told(refund: Refund, status: str) -> None:
    """Stripe says so of the refund."""
    facts = RefundFacts(
        id=f"re_{refund.pk}",
        amount=refund.amount,
        status=status,
        failure="",
        reference=str(refund.pk),
    )
    refunds.record_refunds(Payment.objects.get(pk=refund.payment_id), [facts])
    refund.refresh_from_db()


def posted(kind: str) -> list[tuple[str, int]]:
    rows = Posting.objects.filter(kind=kind).order_by("pk")
    return list(rows.values_list("account", "amount"))


class TestEvents:
    def test_an_invoice_is_owed_earned_and_its_vat_is_the_states(self):
        charge = invoiced()
        assert journal.post_due() == 1
        assert posted("invoice") == [(DEBTORS, 875_000), (REVENUE, -700_000), (VAT, -175_000)]
        revenue = Posting.objects.get(role="revenue")
        assert (revenue.net, revenue.vat, revenue.gross) == (700_000, 175_000, 875_000)
        assert (revenue.vat_code, revenue.network) == ("U25", charge.scope_label)
        assert (revenue.period_start, revenue.period_end) == (date(2027, 1, 1), date(2027, 12, 31))
        assert revenue.reference == charge.invoices.get().number

    def test_each_rate_has_its_revenue_and_the_exempt_has_no_vat(self):
        exempt = Line("Bog", 1, 10_000, 0, "Momsfri")
        invoiced(lines=(SEASON_FEE, exempt))
        journal.post_due()
        assert posted("invoice") == [
            (DEBTORS, 885_000),
            (EXEMPT, -10_000),
            (REVENUE, -700_000),
            (VAT, -175_000),
        ]

    def test_a_credit_note_takes_as_much_back(self):
        charge = invoiced()
        crediting.credit_part(charge, net=100_000, key="c", reason="Færre")
        invoicing.issue_due()
        journal.post_due()
        assert posted("credit_note") == [(DEBTORS, -125_000), (REVENUE, 100_000), (VAT, 25_000)]
        revenue = Posting.objects.get(kind="credit_note", role="revenue")
        assert (revenue.net, revenue.vat, revenue.gross) == (-100_000, -25_000, -125_000)

    @pytest.mark.disorder("refunds without the credit they belong to")
    def test_money_through_stripe_and_back(self):
        payment = paid_by_card(payment_intent_id="pi_1")
        sent_back(payment)
        journal.post_due()
        assert posted("payment") == [(STRIPE, 875_000), (DEBTORS, -875_000)]
        assert posted("refund") == [(DEBTORS, 875_000), (STRIPE, -875_000)]
        assert Posting.objects.filter(kind="payment", reference="pi_1").count() == 2

    def test_a_refund_that_is_under_way_or_failed_is_no_event(self):
        refund = Refund.objects.create(payment=paid_by_card(), key="r", amount=1, reason="x")
        journal.post_due()
        told(refund, "failed")
        journal.post_due()
        assert posted("refund") == posted("refund_undone") == []

    def test_a_refund_that_stripe_fails_later_is_taken_back_once(self):
        refund = sent_back(paid_by_card())
        journal.post_due()
        told(refund, "failed")
        assert refund.state == RefundState.FAILED
        assert [journal.post_due(), journal.post_due()] == [1, 0]
        assert posted("refund_undone") == [(DEBTORS, -875_000), (STRIPE, 875_000)]

    def test_paid_twice_stands_in_an_account_of_its_own(self):
        first = paid_by_card()
        again = PaymentFactory(
            charge=first.charge, state="succeeded", paid_at=timezone.now(), is_duplicate=True
        )
        journal.post_due()
        assert posted("duplicate") == [(STRIPE, 875_000), (DUPLICATES, -875_000)]
        sent_back(again)
        journal.post_due()
        assert posted("refund") == [(DUPLICATES, 875_000), (STRIPE, -875_000)]

    def test_a_transfer_counts_once_it_is_matched_from_the_day_it_came(self, clock):
        row, charge = transfer(875_000, date(2026, 10, 9)), invoiced()
        journal.post_due()
        assert posted("transfer") == []
        bank.match(row, charge, actor=SYSTEM)
        journal.post_due()
        assert posted("transfer") == [(BANK, 875_000), (DEBTORS, -875_000)]
        posting = Posting.objects.filter(kind="transfer").first()
        assert posting.posted_on == date(2026, 10, 9)
        assert posting.reference == charge.invoices.get().number

    def test_every_match_and_every_undoing_is_a_voucher(self):
        row, charge, other = transfer(875_000), invoiced(), invoiced(scope_label="Andet")
        bank.match(row, charge, actor=SYSTEM)
        journal.post_due()
        bank.unmatch(row, actor=SYSTEM, reason="Forkert")
        bank.match(row, other, actor=SYSTEM)
        journal.post_due()
        journal.post_due()
        assert posted("transfer_undone") == [(BANK, -875_000), (DEBTORS, 875_000)]
        assert Posting.objects.filter(kind="transfer", role="bank").count() == 2
        assert Posting.objects.filter(kind="transfer", network="Andet").count() == 2

    def test_a_match_undone_before_it_was_posted_leaves_no_trace(self):
        row = transfer(875_000)
        bank.match(row, invoiced(), actor=SYSTEM)
        bank.unmatch(row, actor=SYSTEM, reason="Forkert")
        journal.post_due()
        assert posted("transfer") == posted("transfer_undone") == []

    def test_an_open_card_charge_is_not_in_the_books(self):
        PaymentFactory(charge=ChargeFactory(buyer=BUYER), state="open", session_id="cs")
        assert journal.post_due() == 0

    def test_the_accounts_are_those_set_when_it_was_posted(self):
        row, charge = transfer(875_000), invoiced()
        bank.match(row, charge, actor=SYSTEM)
        journal.post_due()
        make_seller(account_bank="9999")
        bank.unmatch(row, actor=SYSTEM, reason="Forkert")
        journal.post_due()
        assert posted("transfer_undone")[0] == (BANK, -875_000)
        bank.match(row, charge, actor=SYSTEM)
        journal.post_due()
        assert posted("transfer")[2] == ("9999", 875_000)


class TestMonths:
    @pytest.mark.parametrize(
        ("moment", "day"),
        [
            ("2026-10-31T22:59Z", date(2026, 10, 31)),
            ("2026-10-31T23:00Z", date(2026, 11, 1)),
            ("2026-12-31T22:59Z", date(2026, 12, 31)),
            ("2026-12-31T23:00Z", date(2027, 1, 1)),
        ],
    )
    def test_the_day_is_the_danish_one(self, clock, moment, day):
        clock.move_to(moment)
        paid_by_card()
        journal.post_due()
        assert {row.posted_on for row in Posting.objects.filter(kind="payment")} == {day}

    def test_a_month_is_closed_when_it_is_over_and_in_order(self, clock):
        invoiced()
        clock.move_to("2026-10-31T22:59Z")
        with pytest.raises(NotClosable):
            journal.close_month(OCTOBER, actor=SYSTEM)
        clock.move_to("2026-12-05T12:00Z")
        with pytest.raises(NotClosable):
            journal.close_month(NOVEMBER, actor=SYSTEM)
        # What is due is posted first.
        journal.close_month(OCTOBER, actor=SYSTEM)
        assert Posting.objects.filter(posted_on__lt=NOVEMBER).count() == 3
        with pytest.raises(NotClosable):
            journal.close_month(OCTOBER, actor=SYSTEM)
        journal.close_month(NOVEMBER, actor=SYSTEM)
        with pytest.raises(NotClosable):
            journal.close_month(DECEMBER, actor=SYSTEM)
        assert AuditEntry.objects.filter(action="month.closed").count() == 2

    def test_nothing_posted_nothing_to_close(self):
        assert journal.next_to_close() is None
        with pytest.raises(NotClosable):
            journal.close_month(OCTOBER, actor=SYSTEM)

    def test_what_is_learned_of_a_closed_month_is_dated_in_the_first_open_one(self, clock):
        charge = invoiced()
        clock.move_to("2026-11-10T12:00Z")
        journal.close_month(OCTOBER, actor=SYSTEM)
        bank.match(transfer(875_000, date(2026, 10, 30)), charge, actor=SYSTEM)
        journal.post_due()
        late = Posting.objects.filter(kind="transfer")
        assert {(row.posted_on, row.event_on) for row in late} == {(NOVEMBER, date(2026, 10, 30))}
        assert all(row.is_late for row in late)

    def test_what_was_matched_in_a_closed_month_is_undone_in_an_open_one(self, clock):
        row, charge = transfer(875_000), invoiced()
        bank.match(row, charge, actor=SYSTEM)
        clock.move_to("2026-11-10T12:00Z")
        journal.close_month(OCTOBER, actor=SYSTEM)
        bank.unmatch(row, actor=SYSTEM, reason="Forkert")
        journal.post_due()
        undone = Posting.objects.filter(kind="transfer_undone")
        assert {row.posted_on for row in undone} == {date(2026, 11, 10)}

    def test_the_database_lets_nothing_into_a_closed_month_nor_opens_it(self, clock):
        charge = invoiced()
        clock.move_to("2026-11-10T12:00Z")
        journal.close_month(OCTOBER, actor=SYSTEM)
        with pytest.raises(IntegrityError), transaction.atomic():
            Posting.objects.bulk_create(lines(charge, 5, -5, day=date(2026, 10, 31)))
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountingMonth.objects.all().delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountingMonth.objects.update(month=NOVEMBER)


def lines(charge: Charge, *amounts: int, day: date = OCTOBER) -> list[Posting]:
    return [
        Posting(
            voucher="test:1",
            line=number,
            kind="payment",
            reference="x",
            posted_on=day,
            event_on=day,
            role="stripe",
            account="1",
            amount=amount,
            charge=charge,
        )
        for number, amount in enumerate(amounts)
    ]


class TestTheDatabase:
    def test_refuses_a_voucher_that_does_not_sum_to_zero(self):
        for amounts in ((5, -4), (5,)):
            with pytest.raises(IntegrityError), transaction.atomic():
                Posting.objects.bulk_create(lines(invoiced(), *amounts))

    def test_refuses_a_voucher_of_two_days(self):
        first, second = lines(invoiced(), 5, -5)
        second.posted_on = first.posted_on + timedelta(days=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            Posting.objects.bulk_create([first, second])

    def test_keeps_every_posting_as_it_is(self):
        invoiced()
        journal.post_due()
        with pytest.raises(IntegrityError), transaction.atomic():
            Posting.objects.update(account="1")
        with pytest.raises(IntegrityError), transaction.atomic():
            Posting.objects.all().delete()

    def test_lets_retention_delete(self):
        invoiced()
        journal.post_due()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL payments.retention = 'on'")
            Posting.objects.all().delete()
            cursor.execute("SET LOCAL payments.retention = 'off'")
        assert not Posting.objects.exists()


@pytest.mark.disorder("refunds without the credit they belong to")
def test_looking_takes_the_same_queries_for_any_number(django_assert_num_queries):
    for _number in range(3):
        bank.match(transfer(875_000), invoiced(), actor=SYSTEM)
        sent_back(paid_by_card())
    journal.post_due()
    with django_assert_num_queries(8):
        assert journal.post_due() == 0
