"""Bank transfers: taken in once, matched with what they pay, and taken back."""

from datetime import date

import pytest

from cms.audit import SYSTEM
from payments.models import BankTransfer, Charge, ChargeState, PaymentMethod
from payments.services import bank, charging, crediting, invoicing, ledger
from payments.services.bank import Certainty, NotMatchable
from payments.statements import UnreadableStatement, guessed_columns, read, table_of
from tests.factories.networks import BUYER
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller
from tests.payments import recorder

pytestmark = pytest.mark.django_db

STATEMENT = """Dato;Tekst;Beløb;Saldo
02-11-2026;Prøvekøbing Kommune faktura {number};8.750,00;10.000,00
03-11-2026;Gebyr;-25,00;9.975,00
04-11-2026;Ukendt indbetaling;100,50;10.075,50
04-11-2026;Ukendt indbetaling;100,50;10.176,00
"""
COLUMNS = {"date": "Dato", "text": "Tekst", "amount": "Beløb"}


@pytest.fixture(autouse=True)
def _ledger():
    """After every test of money the ledger agrees."""
    make_seller(fik_creditor="87654321")
    yield
    assert list(ledger.differences()) == []


def invoiced(**values) -> Charge:
    charge = ChargeFactory(**{"method": PaymentMethod.INVOICE, "buyer": BUYER, **values})
    invoicing.issue_invoice(charge)
    return charge


def transfer(amount: int, text: str = "") -> BankTransfer:
    key = f"test:{BankTransfer.objects.count()}"
    return BankTransfer.objects.create(
        key=key, received_on=date(2026, 11, 2), amount=amount, text=text
    )


def number_of(charge: Charge) -> str:
    return charge.invoices.get(kind="invoice").number


class TestReading:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
    def test_a_statement_in_the_banks_own_way(self, encoding):
        rows = read(STATEMENT.encode(encoding), COLUMNS)
        assert [row.amount for row in rows] == [875_000, -2_500, 10_050, 10_050]
        assert rows[0].received_on == date(2026, 11, 2)

    def test_another_banks_commas_and_dates(self):
        text = 'Date,Text,Amount\n2026-11-02,"A, B",1234.50\n'
        (row,) = read(text.encode(), {"date": "Date", "text": "Text", "amount": "Amount"})
        assert (row.amount, row.text) == (123_450, "A, B")

    def test_the_usual_names_are_guessed(self):
        names, _rows = table_of(STATEMENT.encode())
        assert guessed_columns(names) == COLUMNS

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x00\x01",
            "Dato;Tekst;Beløb\n31-02-2026;x;1,00\n".encode(),
            "Dato;Tekst;Beløb\n01-02-2026;x;en krone\n".encode(),
            b"Dato;Tekst;Andet\n01-02-2026;x;1,00\n",
            b"x" * 5_000_001,
        ],
    )
    def test_what_is_no_statement_is_told(self, content):
        with pytest.raises(UnreadableStatement):
            read(content, COLUMNS)


class TestTakingIn:
    def test_takes_incoming_money_and_the_same_statement_only_once(self):
        rows = read(STATEMENT.encode(), COLUMNS)
        assert bank.take_in(rows, actor=SYSTEM) == (3, 0)
        assert bank.take_in(rows, actor=SYSTEM) == (0, 3)
        # Two equal rows of one statement are two transfers.
        assert BankTransfer.objects.filter(amount=10_050).count() == 2


class TestSuggesting:
    def test_the_number_and_the_amount_are_sure(self):
        charge = invoiced()
        invoiced()
        found = bank.suggestion_for(transfer(875_000, f"Fakt. {number_of(charge)} tak"))
        assert (found.charge, found.certainty) == (charge, Certainty.SURE)

    def test_the_payment_slip_is_as_good(self):
        charge = invoiced()
        invoiced()
        fik = charge.invoices.get().document.fik
        found = bank.suggestion_for(transfer(875_000, f"+71<{fik}+87654321<"))
        assert (found.charge, found.certainty) == (charge, Certainty.SURE)

    def test_the_number_with_another_amount_is_for_a_person(self):
        charge = invoiced()
        found = bank.suggestion_for(transfer(100, number_of(charge)))
        assert (found.charge, found.certainty) == (charge, Certainty.OTHER_AMOUNT)

    def test_the_amount_alone_is_a_guess_where_it_is_the_only_one(self):
        charge = invoiced()
        assert bank.suggestion_for(transfer(875_000)).charge == charge
        invoiced()
        assert bank.suggestion_for(transfer(875_000)) is None

    def test_a_paid_charge_is_not_suggested(self):
        charge = invoiced()
        bank.settle_outside_stripe(charge)
        assert bank.suggestion_for(transfer(875_000, number_of(charge))) is None


class TestMatching:
    def test_all_that_is_owed_makes_it_paid(self):
        charge = invoiced()
        bank.match(transfer(875_000), charge, actor=SYSTEM)
        charge.refresh_from_db()
        assert charge.state == ChargeState.PAID
        assert recorder.told(charge) == ["paid"]

    def test_too_little_leaves_the_rest_owed(self):
        charge = invoiced()
        bank.match(transfer(500_000), charge, actor=SYSTEM)
        charge.refresh_from_db()
        assert (charge.state, charging.still_owed(charge)) == (ChargeState.OPEN, 375_000)
        bank.match(transfer(375_000), charge, actor=SYSTEM)
        charge.refresh_from_db()
        assert charge.state == ChargeState.PAID

    def test_too_much_stands_in_the_ledger(self):
        charge = invoiced()
        bank.match(transfer(900_000), charge, actor=SYSTEM)
        balance = ledger.total(Charge.objects.filter(pk=charge.pk))
        assert (balance.surplus, balance.open) == (25_000, 0)
        assert balance.agrees

    def test_a_transfer_pays_one_charge(self):
        row = transfer(875_000)
        bank.match(row, invoiced(), actor=SYSTEM)
        with pytest.raises(NotMatchable):
            bank.match(row, invoiced(), actor=SYSTEM)

    def test_taken_back_it_is_owed_again(self):
        charge, row = invoiced(), transfer(875_000)
        bank.match(row, charge, actor=SYSTEM)
        bank.unmatch(row, actor=SYSTEM, reason="Forkert kommune")
        charge.refresh_from_db()
        row.refresh_from_db()
        assert (charge.state, charge.paid_at) == (ChargeState.OPEN, None)
        assert (row.state, row.charge) == ("unmatched", None)

    def test_what_is_not_ours_is_put_aside(self):
        row = transfer(1)
        bank.ignore(row, actor=SYSTEM, reason="Husleje")
        row.refresh_from_db()
        assert row.state == "ignored"
        with pytest.raises(NotMatchable):
            bank.ignore(row, actor=SYSTEM, reason="igen")

    def test_by_hand_it_is_recorded_once(self):
        charge = invoiced()
        assert bank.settle_outside_stripe(charge) is not None
        assert bank.settle_outside_stripe(charge) is None
        assert charge.transfers.count() == 1

    def test_after_a_part_was_credited_the_rest_is_enough(self):
        charge = invoiced()
        crediting.credit_charge(charge, key="c", reason="Fejl")
        with pytest.raises(NotMatchable):
            bank.match(transfer(1), charge, actor=SYSTEM)

    def test_a_part_credited_after_a_part_was_paid_it_is_paid(self):
        charge = invoiced()
        bank.match(transfer(charge.gross // 2), charge, actor=SYSTEM)
        crediting.credit_part(charge, net=charge.net // 4, key="a", reason="Aflyst møde")
        charge.refresh_from_db()
        assert charge.state == ChargeState.OPEN
        crediting.credit_part(charge, net=charge.net // 4, key="b", reason="Aflyst møde")
        charge.refresh_from_db()
        assert (charge.state, charging.still_owed(charge)) == (ChargeState.PAID, 0)
