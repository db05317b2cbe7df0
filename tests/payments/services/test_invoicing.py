"""Documents: issued once, in order, without gaps, and never changed."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from payments.invoice_document import InvoiceDocument
from payments.models import Charge, Invoice, PaymentMethod, Transmission
from payments.services import charging, crediting, invoicing
from payments.services.charging import Line
from payments.services.invoicing import NotIssuable
from payments.services.numbering import accounting_year
from tests.factories.networks import BUYER
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _seller():
    make_seller()


def owed(**values) -> Charge:
    return ChargeFactory(**{"method": PaymentMethod.INVOICE, "buyer": BUYER, **values})


def paid_by_card() -> Charge:
    charge = ChargeFactory(method=PaymentMethod.CARD, buyer=BUYER)
    charging.mark_paid(charge)
    return charge


class TestAnInvoice:
    def test_freezes_seller_buyer_lines_vat_and_period(self):
        charge = owed(period=(date(2027, 1, 1), date(2027, 12, 31)))
        invoice = invoicing.issue_invoice(charge)
        document = invoice.document
        assert (invoice.net, invoice.vat, invoice.gross) == (700_000, 175_000, 875_000)
        assert document.seller.cvr == "12345674"
        assert document.buyer.gln == BUYER["buyer_gln"]
        assert [(line.quantity, line.unit_price) for line in document.lines] == [(1, 700_000)]
        assert [(total.rate, total.vat) for total in document.vat_totals] == [(2500, 175_000)]
        assert document.period == (date(2027, 1, 1), date(2027, 12, 31))
        assert invoice.due_on == timezone.localdate() + timedelta(days=30)

    def test_is_read_back_as_it_was_written(self):
        invoice = invoicing.issue_invoice(owed())
        stored = Invoice.objects.get(pk=invoice.pk).document
        assert stored == invoice.document
        assert InvoiceDocument.from_json(stored.as_json()) == stored

    def test_says_the_same_when_the_seller_has_moved(self):
        invoice = invoicing.issue_invoice(owed())
        make_seller(iban="", bank_account_number="9999999999")
        assert Invoice.objects.get(pk=invoice.pk).document.bank.iban == "DK5000400440116243"

    def test_is_issued_once(self):
        charge = owed()
        assert invoicing.issue_invoice(charge) is not None
        assert invoicing.issue_invoice(charge) is None
        assert Invoice.objects.count() == 1

    @pytest.mark.parametrize("statement", ["UPDATE {} SET gross = 1", "DELETE FROM {}"])
    def test_is_neither_changed_nor_deleted_by_anybody(self, statement):
        invoicing.issue_invoice(owed())
        with (
            pytest.raises(DatabaseError, match="never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format(Invoice._meta.db_table))
        assert Invoice.objects.get().gross == 875_000

    @pytest.mark.disorder("paid by a word, no money behind it")
    def test_by_card_comes_when_paid_and_says_so(self):
        charge = ChargeFactory(method=PaymentMethod.CARD, buyer=BUYER)
        assert list(invoicing.charges_to_invoice()) == []
        charging.mark_paid(charge)
        invoicing.issue_due()
        document = Invoice.objects.get().document
        assert (document.paid_on, document.payable) == (timezone.localdate(), 0)
        assert document.due_on is None

    def test_has_a_payment_slip_where_there_is_a_creditor_number(self):
        make_seller(fik_creditor="87654321")
        assert len(invoicing.issue_invoice(owed()).document.fik) == 15


class TestNumbers:
    def test_run_without_gaps_through_invoices_and_credit_notes(self):
        first, second, never = (owed() for _number in range(3))
        # Credited before it was ever invoiced, it was owed by nobody.
        crediting.credit_charge(never, key="c", reason="Fejl")
        invoicing.issue_due()
        crediting.credit_charge(first, key="d", reason="Fejl")
        invoicing.issue_due()
        third = owed()
        invoicing.issue_due()
        year = timezone.localdate().year
        issued = Invoice.objects.order_by("sequence")
        assert [(row.number, row.kind, row.charge_id) for row in issued] == [
            (f"{year}-00001", "invoice", first.pk),
            (f"{year}-00002", "invoice", second.pk),
            (f"{year}-00003", "credit_note", first.pk),
            (f"{year}-00004", "invoice", third.pk),
        ]

    def test_a_rollback_uses_none(self):
        with transaction.atomic():
            invoicing.issue_invoice(owed())
            transaction.set_rollback(True)
        assert not Invoice.objects.exists()
        assert invoicing.issue_invoice(owed()).sequence == 1

    def test_a_broken_rule_uses_none_and_is_told_to_finance(self):
        wrong = owed(buyer={**BUYER, "buyer_reference": "", "order_number": ""})
        with pytest.raises(NotIssuable) as raised:
            invoicing.issue_invoice(wrong)
        assert [breach.rule for breach in raised.value.breaches] == ["PEPPOL-EN16931-R003"]
        wrong.refresh_from_db()
        assert "PEPPOL-EN16931-R003" in wrong.invoice_problem
        assert invoicing.issue_invoice(owed()).sequence == 1
        assert invoicing.issue_due() == (0, 1)

    def test_mended_it_is_issued_and_the_problem_is_gone(self):
        charge = owed(buyer={**BUYER, "buyer_reference": ""})
        assert invoicing.issue_due() == (0, 1)
        Charge.objects.filter(pk=charge.pk).update(order_number="4711")
        assert invoicing.issue_due() == (1, 0)
        charge.refresh_from_db()
        assert charge.invoice_problem == ""

    def test_nothing_is_issued_while_the_sellers_own_data_are_wrong(self):
        make_seller(iban="", bank_account_number="", bank_registration_number="")
        for _number in range(2):
            owed()
        assert invoicing.issue_due() == (0, 1)
        assert not Invoice.objects.exists()

    def test_begin_anew_each_accounting_year_with_the_sites_letters(self):
        make_seller(invoice_prefix="KN", accounting_year_begins=7)
        with time_machine.travel("2027-06-30 12:00+02:00"):
            assert invoicing.issue_invoice(owed()).number == "KN2026-00001"
        with time_machine.travel("2027-07-01 12:00+02:00"):
            assert invoicing.issue_invoice(owed()).number == "KN2027-00001"

    @pytest.mark.parametrize(
        ("day", "begins", "year"),
        [
            (date(2026, 12, 31), 1, 2026),
            (date(2027, 1, 1), 1, 2027),
            (date(2027, 3, 31), 4, 2026),
            (date(2027, 4, 1), 4, 2027),
        ],
    )
    def test_know_their_accounting_year(self, day, begins, year):
        assert accounting_year(day, begins) == year

    @pytest.mark.disorder("paid by a word, no money behind it")
    def test_everything_made_before_gets_its_document_in_order(self):
        charges = [owed(), paid_by_card(), owed()]
        assert invoicing.issue_due() == (3, 0)
        issued = Invoice.objects.order_by("sequence")
        assert [row.charge_id for row in issued] == [charge.pk for charge in charges]


class TestACreditNote:
    def test_of_the_whole_has_the_invoices_lines(self):
        charge = owed(lines=(Line("Et", 3, 3_333, 2500), Line("Bog", 1, 100, 0, "Momsloven § 13")))
        invoice = invoicing.issue_invoice(charge)
        crediting.credit_charge(charge, key="c", reason="Udmeldt i tide")
        invoicing.issue_due()
        note = Invoice.objects.get(kind="credit_note")
        assert note.corrects == invoice
        assert note.document.lines == invoice.document.lines
        assert (note.net, note.vat, note.gross) == (charge.net, charge.vat, charge.gross)
        assert note.document.reason == "Udmeldt i tide"

    def test_is_made_once(self):
        charge = owed()
        invoicing.issue_invoice(charge)
        credit = crediting.credit_charge(charge, key="c", reason="Fejl")
        assert invoicing.issue_credit_note(credit) is not None
        assert invoicing.issue_credit_note(credit) is None

    def test_needs_an_invoice_to_correct(self):
        charge = ChargeFactory(method=PaymentMethod.CARD, buyer=BUYER)
        crediting.credit_charge(charge, key="c", reason="Ikke betalt i tide")
        assert invoicing.issue_due() == (0, 0)


class TestJobs:
    def test_a_charge_is_invoiced_and_a_credit_documented(self, run_jobs):
        charge = owed()
        run_jobs("payments.issue_documents")
        assert charge.invoices.count() == 1
        crediting.credit_charge(charge, key="c", reason="Fejl")
        run_jobs("payments.issue_documents")
        assert charge.invoices.count() == 2

    def test_nothing_is_sent_where_nothing_is_set_up(self, run_jobs):
        owed()
        run_jobs("payments.issue_documents")
        assert not Transmission.objects.exists()


def test_the_sellers_own_terms_stand_beside_when_to_pay():
    make_seller(invoice_terms="Ved for sen betaling beregnes rente.")
    terms = invoicing.issue_invoice(owed()).document.terms
    assert terms == "Netto 30 dage. Ved for sen betaling beregnes rente."
