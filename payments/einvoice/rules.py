"""What is checked on a document before it gets its number.

Rule names are the law's (momsbekendtgørelsen § 58), EN 16931's and Peppol BIS Billing 3.0's with
the Danish rules of release 3.0.21. A document that goes by no e-invoice is held to the law alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments import money
from payments.identifiers import is_valid_cvr, is_valid_gln, is_valid_iban
from payments.invoice_document import BankAccount, InvoiceDocument


@dataclass(frozen=True)
class Breach:
    """A rule that a document breaks, with what to do about it. ``is_sellers``: it lies in the
    site's own settings, so that no document can be issued before they are mended."""

    rule: str
    message: str | Promise
    is_sellers: bool = False

    def __str__(self) -> str:
        return f"{self.message} ({self.rule})"


Check = Callable[[InvoiceDocument], Iterator[Breach]]


def breaches(document: InvoiceDocument) -> list[Breach]:
    """Every rule that the document breaks; none means that it may be issued."""
    checks: list[Check] = [_law, _sums]
    if document.buyer.gln:
        checks += [_seller, _buyer, _payment_means, _credit_note]
    return [breach for check in checks for breach in check(document)]


def _law(document: InvoiceDocument) -> Iterator[Breach]:
    """Both names and addresses, the seller's registration number, nature and period."""
    seller, buyer = document.seller, document.buyer
    if not (seller.name and seller.street and seller.postal_code and seller.city):
        yield Breach("§ 58", _("The seller's name or address is missing."), is_sellers=True)
    if not is_valid_cvr(seller.cvr):
        yield Breach("§ 58", _("The seller's CVR number is missing or wrong."), is_sellers=True)
    if not (buyer.name and buyer.street and buyer.postal_code and buyer.city):
        yield Breach("§ 58", _("The buyer's name or address is missing."))
    if not document.lines or any(not line.description.strip() for line in document.lines):
        yield Breach("§ 58", _("What was sold is not described."))
    for total in document.vat_totals:
        if total.rate == 0 and not total.exemption_reason:
            yield Breach("BR-E-10", _("An exemption from VAT needs its reason."))


def _sums(document: InvoiceDocument) -> Iterator[Breach]:
    """EN 16931: lines add up (BR-CO-10), VAT follows from net per rate (BR-CO-17)."""
    if any(line.quantity * line.unit_price != line.net for line in document.lines):
        yield Breach("BR-24", _("A line's sum is not quantity times price."))
    for total in document.vat_totals:
        of_rate = sum(line.net for line in document.lines if line.vat_rate == total.rate)
        if of_rate != total.net:
            yield Breach("BR-CO-10", _("The lines don't add up to the total."))
        # A credit's VAT is a part of its invoice's, which was rounded once: an øre may differ.
        tolerance = 1 if document.is_credit_note else 0
        if abs(money.vat_of(total.net, total.rate) - total.vat) > tolerance:
            yield Breach("BR-CO-17", _("The VAT doesn't follow from the net amount."))
    rates = {line.vat_rate for line in document.lines}
    if rates != {total.rate for total in document.vat_totals}:
        yield Breach("BR-CO-18", _("The VAT of a rate is missing."))
    if document.gross <= 0:
        yield Breach("BR-CO-15", _("There is nothing to invoice."))


def _seller(document: InvoiceDocument) -> Iterator[Breach]:
    """The seller's legal CompanyID, scheme 0184, is its CVR number; it has been checked by law."""
    if not is_valid_cvr(document.seller.cvr):
        yield Breach("DK-R-002", _("The seller's CVR number is missing."), is_sellers=True)
        yield Breach("COMMON-R042", _("The seller's CVR number is wrong."), is_sellers=True)


def _buyer(document: InvoiceDocument) -> Iterator[Breach]:
    buyer = document.buyer
    if not is_valid_gln(buyer.gln):
        yield Breach("COMMON-R040", _("The buyer's EAN/GLN number is wrong."))
    if buyer.cvr and not is_valid_cvr(buyer.cvr):
        yield Breach("COMMON-R042", _("The buyer's CVR number is wrong."))
    if not (document.buyer_reference.strip() or document.order_number.strip()):
        yield Breach("PEPPOL-EN16931-R003", _("A person reference or an order number is missing."))


def _payment_means(document: InvoiceDocument) -> Iterator[Breach]:
    """How to pay; of invoices that are still to be paid."""
    bank = document.bank
    if document.is_credit_note or document.paid_on:
        return
    if not (bank.iban or bank.registration_number or bank.account_number or bank.creditor):
        yield Breach("DK-R-005", _("No bank account to pay to is set."), is_sellers=True)
    if bank.iban and not is_valid_iban(bank.iban):
        yield Breach("BR-50", _("The IBAN is wrong."), is_sellers=True)
    yield from _danish_account(bank)
    if document.due_on is None and not document.terms:
        yield Breach("BR-CO-25", _("The invoice has neither due date nor terms."))


def _danish_account(bank: BankAccount) -> Iterator[Breach]:
    if bool(bank.registration_number) != bool(bank.account_number):
        message = _("A bank account has a registration number and an account number.")
        yield Breach("DK-R-006", message, is_sellers=True)
    if bank.creditor and not (bank.creditor.isdigit() and len(bank.creditor) == 8):
        message = _("A creditor number of payment slips has eight digits.")
        yield Breach("DK-R-010", message, is_sellers=True)


def _credit_note(document: InvoiceDocument) -> Iterator[Breach]:
    if not document.is_credit_note:
        return
    if document.gross < 0:
        yield Breach("DK-R-016", _("A credit note's amount can't be negative."))
    if document.corrects is None:
        yield Breach("BR-55", _("A credit note names the invoice that it corrects."))
