"""Invoices and credit notes as pure data."""

from dataclasses import replace
from datetime import date
from typing import Any

from payments.invoice_document import (
    BankAccount,
    DocumentKind,
    DocumentLine,
    InvoiceDocument,
    Party,
    VatTotal,
)

SELLER = Party(
    name="Kommunernes Prøveforening",
    street="Prøvevej 10",
    postal_code="2300",
    city="København S",
    cvr="12345674",
    email="oekonomi@example.org",
)
BUYER = Party(
    name="Prøvekøbing Kommune",
    street="Rådhustorvet 1",
    postal_code="9999",
    city="Prøvekøbing",
    cvr="64942212",
    gln="5798009811578",
    contact="Økonomi",
)
SEASON_FEE = DocumentLine("Medlemskab af Fritidsfaciliteter, 2027", 1, 700_000, 700_000, 2500)


def document(**values: Any) -> InvoiceDocument:
    """An invoice of 7.000 kr. excl. VAT to a municipality."""
    usual: dict[str, Any] = {
        "kind": DocumentKind.INVOICE,
        "number": "2026-00042",
        "issued_on": date(2026, 11, 22),
        "due_on": date(2026, 12, 22),
        "seller": SELLER,
        "buyer": BUYER,
        "lines": (SEASON_FEE,),
        "vat_totals": (VatTotal(2500, 700_000, 175_000),),
        "bank": BankAccount("0040", "0440116243", "DK5000400440116243"),
        "period": (date(2027, 1, 1), date(2027, 12, 31)),
        "buyer_reference": "Kultur og fritid",
        "order_number": "REKV-2026-117",
        "terms": "Netto 30 dage",
    }
    return InvoiceDocument(**{**usual, **values})


def credit_note(**values: Any) -> InvoiceDocument:
    return document(
        **{
            "kind": DocumentKind.CREDIT_NOTE,
            "number": "2026-00043",
            "due_on": None,
            "terms": "",
            "corrects": ("2026-00042", date(2026, 11, 22)),
            "reason": "Udmeldt før sæsonen",
            **values,
        }
    )


def every_kind() -> dict[str, InvoiceDocument]:
    """One document of each kind that the site issues."""
    extra = DocumentLine("Ekstra deltager: Ærø & Åse, møde 12.05.2027", 2, 150_000, 300_000, 2500)
    per_meeting = tuple(
        DocumentLine(f"Møde {number}", 3, 150_000, 450_000, 2500) for number in (1, 2)
    )
    exempt = replace(SEASON_FEE, vat_rate=0, vat_exemption_reason="Momsloven § 13, stk. 1, nr. 3")
    return {
        "season fee": document(),
        "lines": document(
            lines=(SEASON_FEE, extra), vat_totals=(VatTotal(2500, 1_000_000, 250_000),)
        ),
        "per person per meeting": document(
            lines=per_meeting, vat_totals=(VatTotal(2500, 900_000, 225_000),)
        ),
        "exempt from VAT": document(
            lines=(exempt,), vat_totals=(VatTotal(0, 700_000, 0, exempt.vat_exemption_reason),)
        ),
        "two rates": document(
            lines=(exempt, extra),
            vat_totals=(
                VatTotal(0, 700_000, 0, exempt.vat_exemption_reason),
                VatTotal(2500, 300_000, 75_000),
            ),
        ),
        "øre": document(
            lines=(DocumentLine("Kaffe & kage <ekstra>", 3, 3_333, 9_999, 2500),),
            vat_totals=(VatTotal(2500, 9_999, 2_500),),
        ),
        "payment slip": document(
            bank=BankAccount(creditor="87654321"), fik="000020260000421", account_string="4711-22"
        ),
        "Danish account": document(bank=BankAccount("0040", "0440116243")),
        "receipt": document(paid_on=date(2026, 11, 22), due_on=None, terms="", bank=BankAccount()),
        "credit note": credit_note(),
        "part of it credited": credit_note(
            lines=(DocumentLine("Aflyst møde", 1, 180_000, 180_000, 2500),),
            vat_totals=(VatTotal(2500, 180_000, 45_000),),
        ),
    }
