"""What an invoice or a credit note says: pure data, from which the PDF and the XML are written.

All amounts are whole øre; rates are hundredths of a percent. The document is stored whole with the
invoice (momsbekendtgørelsen § 58: date, number, both parties, nature and quantity, period, base,
rate and amount of VAT), so that what is written from it can't change afterwards.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True)
class Party:
    """Seller or buyer. ``gln``: where an e-invoice goes, 13 digits; empty when by no e-invoice."""

    name: str
    street: str = ""
    postal_code: str = ""
    city: str = ""
    cvr: str = ""
    gln: str = ""
    contact: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class BankAccount:
    """Where to pay. ``creditor``: of payment slips (FIK), 8 digits."""

    registration_number: str = ""
    account_number: str = ""
    iban: str = ""
    creditor: str = ""


@dataclass(frozen=True)
class DocumentLine:
    """``quantity`` × ``unit_price`` = ``net``, excl. VAT."""

    description: str
    quantity: int
    unit_price: int
    net: int
    vat_rate: int
    vat_exemption_reason: str = ""


@dataclass(frozen=True)
class VatTotal:
    """VAT of all lines of one rate: computed once, half up, and never anew."""

    rate: int
    net: int
    vat: int
    exemption_reason: str = ""


@dataclass(frozen=True)
class InvoiceDocument:
    """A whole document. ``corrects``: number and date of the invoice that a credit note corrects.

    ``paid_on``: paid by card before it was issued; it is then a receipt, and asks for nothing.
    """

    kind: DocumentKind
    number: str
    issued_on: date
    due_on: date | None
    seller: Party
    buyer: Party
    lines: tuple[DocumentLine, ...]
    vat_totals: tuple[VatTotal, ...]
    bank: BankAccount = field(default_factory=BankAccount)
    period: tuple[date, date] | None = None
    buyer_reference: str = ""
    order_number: str = ""
    account_string: str = ""
    corrects: tuple[str, date] | None = None
    #: The 15 digits of a payment slip (FIK), where the seller has a creditor number.
    fik: str = ""
    reason: str = ""
    terms: str = ""
    paid_on: date | None = None
    language: str = "da"

    @property
    def net(self) -> int:
        return sum(total.net for total in self.vat_totals)

    @property
    def vat(self) -> int:
        return sum(total.vat for total in self.vat_totals)

    @property
    def gross(self) -> int:
        return self.net + self.vat

    @property
    def payable(self) -> int:
        """What is still to be paid when it is issued."""
        return 0 if self.paid_on else self.gross

    @property
    def is_credit_note(self) -> bool:
        return self.kind == DocumentKind.CREDIT_NOTE

    def as_json(self) -> dict[str, Any]:
        """The document as JSON can hold it; ``from_json`` reads it back."""
        return _plain(asdict(self))

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "InvoiceDocument":
        period, corrects = content["period"], content["corrects"]
        return cls(
            **{
                **content,
                "kind": DocumentKind(content["kind"]),
                "issued_on": date.fromisoformat(content["issued_on"]),
                "due_on": _date(content["due_on"]),
                "paid_on": _date(content["paid_on"]),
                "seller": Party(**content["seller"]),
                "buyer": Party(**content["buyer"]),
                "bank": BankAccount(**content["bank"]),
                "lines": tuple(DocumentLine(**line) for line in content["lines"]),
                "vat_totals": tuple(VatTotal(**total) for total in content["vat_totals"]),
                "period": (
                    (date.fromisoformat(period[0]), date.fromisoformat(period[1]))
                    if period
                    else None
                ),
                "corrects": (corrects[0], date.fromisoformat(corrects[1])) if corrects else None,
            }
        )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value
