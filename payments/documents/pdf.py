"""An invoice or a credit note as PDF/UA-1, written by typst from what the document says."""

from datetime import date
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from cms.typesetting import typeset
from payments import money
from payments.invoice_document import DocumentLine, InvoiceDocument, Party

TEMPLATE = Path(__file__).with_name("invoice.typ")


def render(document: InvoiceDocument) -> bytes:
    """The PDF in the document's language."""
    with override(document.language):
        content = _shown(document)
    return typeset(TEMPLATE, content)


def _shown(document: InvoiceDocument) -> dict[str, Any]:
    """Every text of the page, ready to be set."""
    return {
        "title": _title(document),
        "language": document.language,
        "issued": {
            "year": document.issued_on.year,
            "month": document.issued_on.month,
            "day": document.issued_on.day,
        },
        "seller": {"name": document.seller.name, "lines": _seller_lines(document.seller)},
        "buyer": {"name": document.buyer.name, "lines": _address(document.buyer)},
        "facts": _facts(document),
        "introduction": _introduction(document),
        "stamp": _stamp(document),
        "columns": [_("Description"), _("Quantity"), _("Unit price"), _("VAT"), _("Excl. VAT")],
        "rows": [_row(line) for line in document.lines],
        "totals": _totals(document),
        "total": [_total_label(document), money.format_kroner(document.gross)],
        "notes": _notes(document),
        "payment": _payment(document),
        "footer": _footer(document.seller),
        "labels": {
            "buyer": _("Buyer"),
            "page": _("Page"),
            "payment": _("How to pay"),
        },
    }


def _row(line: DocumentLine) -> list[str]:
    return [
        line.description,
        str(line.quantity),
        _amount(line.unit_price),
        money.format_rate(line.vat_rate),
        _amount(line.net),
    ]


def _amount(amount: int) -> str:
    """øre with two decimals always, so that a column of amounts lines up."""
    text = money.format_amount(amount)
    return text if "," in text else f"{text},00"


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _span(period: tuple[date, date] | None) -> str:
    """A period in figures, which fits on a line."""
    if period is None:
        return ""
    first, last = (f"{day.day}.{day.month}.{day.year}" for day in period)
    return f"{first} – {last}"


def _title(document: InvoiceDocument) -> str:
    kind = _("Credit note") if document.is_credit_note else _("Invoice")
    return f"{kind} {document.number}"


def _address(party: Party) -> list[str]:
    return [line for line in (party.street, f"{party.postal_code} {party.city}".strip()) if line]


def _seller_lines(seller: Party) -> list[str]:
    return [*_address(seller), f"CVR {seller.cvr}", *filter(None, (seller.phone, seller.email))]


def _facts(document: InvoiceDocument) -> list[list[str]]:
    said = [
        (_("Date"), _day(document.issued_on)),
        (_("Due"), _day(document.due_on) if document.due_on else ""),
        (_("Period"), _span(document.period)),
        (_("CVR number"), document.buyer.cvr),
        (_("EAN/GLN number"), document.buyer.gln),
        (_("Person reference"), document.buyer_reference),
        (_("Order number"), document.order_number),
        (_("Account string"), document.account_string),
        (_("Contact person"), document.buyer.contact),
    ]
    return [[label, value] for label, value in said if value]


def _introduction(document: InvoiceDocument) -> str:
    if document.corrects is None:
        return ""
    number, issued_on = document.corrects
    text: str = _("Corrects invoice %(number)s of %(date)s.") % {
        "number": number,
        "date": _day(issued_on),
    }
    return f"{text} {document.reason}".strip()


def _stamp(document: InvoiceDocument) -> str:
    if document.paid_on is None:
        return ""
    return _("Paid %(date)s. Nothing is to be paid.") % {"date": _day(document.paid_on)}


def _totals(document: InvoiceDocument) -> list[list[str]]:
    """Net in all, then the VAT of each rate with its base."""
    rows = [[_("Excl. VAT"), _amount(document.net)]]
    for total in document.vat_totals:
        label = _("VAT %(rate)s of %(base)s") % {
            "rate": money.format_rate(total.rate),
            "base": _amount(total.net),
        }
        rows.append([label, _amount(total.vat)])
    return rows


def _total_label(document: InvoiceDocument) -> str:
    if document.is_credit_note:
        return _("Credited incl. VAT")
    return _("Paid incl. VAT") if document.paid_on else _("To pay incl. VAT")


def _notes(document: InvoiceDocument) -> list[str]:
    exemptions = [
        _("Exempt from VAT: %(reason)s") % {"reason": total.exemption_reason}
        for total in document.vat_totals
        if total.exemption_reason
    ]
    return [*exemptions, *([document.terms] if document.terms else [])]


def _payment(document: InvoiceDocument) -> list[list[str]]:
    """Bank account and payment slip; nothing where nothing is to be paid."""
    if document.is_credit_note or document.paid_on:
        return []
    bank = document.bank
    account = f"{bank.registration_number} {bank.account_number}".strip()
    said = [
        (_("Due"), _day(document.due_on) if document.due_on else ""),
        (_("Reg. and account number"), account),
        (_("IBAN"), bank.iban),
        (_("Payment slip"), f"+71<{document.fik}+{bank.creditor}<" if bank.creditor else ""),
        (_("Write with the payment"), document.number),
    ]
    return [[label, value] for label, value in said if value]


def _footer(seller: Party) -> str:
    return " · ".join(filter(None, (seller.name, f"CVR {seller.cvr}", *_address(seller))))
