"""What a charge's invoice and a credit's credit note say, from the tables as they are now."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from home.models import Organisation
from payments.invoice_document import (
    BankAccount,
    DocumentKind,
    DocumentLine,
    InvoiceDocument,
    Party,
    VatTotal,
)
from payments.models import (
    Charge,
    Credit,
    Invoice,
    PaymentMethod,
    PaymentSettings,
    seller_settings,
)
from payments.money import vat_of

#: Stands in for the number while a document is checked; none is taken before it has passed.
UNNUMBERED = "0"


def invoice_document(charge: Charge) -> InvoiceDocument:
    """What the charge's invoice says, without its number yet; paid by card, it is a receipt."""
    organisation, settings = seller_settings()
    today = timezone.localdate()
    by_card = charge.method == PaymentMethod.CARD and charge.paid_at
    lines = tuple(
        DocumentLine(
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            net=line.net,
            vat_rate=line.vat_rate,
            vat_exemption_reason=line.vat_exemption_reason,
        )
        for line in charge.lines.all()
    )
    return InvoiceDocument(
        kind=DocumentKind.INVOICE,
        number=UNNUMBERED,
        issued_on=today,
        due_on=None if by_card else today + timedelta(days=settings.payment_terms_days),
        lines=lines,
        vat_totals=tuple(_vat_totals(lines)),
        terms="" if by_card else _terms(settings),
        paid_on=timezone.localdate(charge.paid_at) if by_card and charge.paid_at else None,
        **_parties(charge, organisation, settings),
    )


def credit_note_document(credit: Credit, invoice: Invoice) -> InvoiceDocument:
    """What the credit's note says: the invoice's own lines when it is credited whole, otherwise one
    line a VAT rate, with the VAT that the credit took off."""
    charge, corrected = credit.charge, invoice.document
    organisation, settings = seller_settings()
    whole = credit.gross == charge.gross
    return InvoiceDocument(
        kind=DocumentKind.CREDIT_NOTE,
        number=UNNUMBERED,
        issued_on=timezone.localdate(),
        due_on=None,
        lines=corrected.lines if whole else tuple(_credited_lines(credit, corrected)),
        vat_totals=corrected.vat_totals if whole else tuple(_credited_vat(credit, corrected)),
        corrects=(invoice.number, invoice.issued_on),
        reason=credit.reason,
        **_parties(charge, organisation, settings),
    )


def _vat_totals(lines: tuple[DocumentLine, ...]) -> Iterator[VatTotal]:
    ordered = sorted(lines, key=lambda line: line.vat_rate)
    for rate, group in groupby(ordered, key=lambda line: line.vat_rate):
        of_rate = list(group)
        net = sum(line.net for line in of_rate)
        yield VatTotal(rate, net, vat_of(net, rate), of_rate[0].vat_exemption_reason)


def _credited_vat(credit: Credit, corrected: InvoiceDocument) -> Iterator[VatTotal]:
    """The credit by the invoice's rates, in proportion; the last rate takes the remainder."""
    net, vat = credit.net, credit.vat
    totals = corrected.vat_totals
    for total in totals[:-1]:
        part = credit.net * total.net // corrected.net
        part_vat = credit.vat * total.vat // corrected.vat if corrected.vat else 0
        net, vat = net - part, vat - part_vat
        yield VatTotal(total.rate, part, part_vat, total.exemption_reason)
    yield VatTotal(totals[-1].rate, net, vat, totals[-1].exemption_reason)


def _credited_lines(credit: Credit, corrected: InvoiceDocument) -> Iterator[DocumentLine]:
    for total in _credited_vat(credit, corrected):
        if total.net:
            yield DocumentLine(
                description=credit.reason or str(_("Credited")),
                quantity=1,
                unit_price=total.net,
                net=total.net,
                vat_rate=total.rate,
                vat_exemption_reason=total.exemption_reason,
            )


def _terms(settings: PaymentSettings) -> str:
    """When to pay, and what the seller has set beside it (the one note that Peppol allows)."""
    with override("da"):
        due = _("Net %(days)s days") % {"days": settings.payment_terms_days}
    return ". ".join(part for part in (due, settings.invoice_terms.strip()) if part)


def _parties(
    charge: Charge, organisation: Organisation, settings: PaymentSettings
) -> dict[str, Any]:
    """Both parties, references, bank account and period, as they are now."""
    start, end = charge.period_start, charge.period_end
    return {
        "seller": Party(
            name=organisation.name,
            street=organisation.street,
            postal_code=organisation.postal_code,
            city=organisation.city,
            cvr=organisation.cvr,
            email=organisation.email,
            phone=organisation.phone,
        ),
        "buyer": Party(
            name=charge.buyer_name,
            street=charge.buyer_street,
            postal_code=charge.buyer_postal_code,
            city=charge.buyer_city,
            cvr=charge.buyer_cvr,
            gln=charge.buyer_gln,
            contact=charge.buyer_contact,
            email=charge.buyer_email,
        ),
        "bank": BankAccount(
            registration_number=settings.bank_registration_number,
            account_number=settings.bank_account_number,
            iban=settings.iban,
            creditor=settings.fik_creditor,
        ),
        "period": (start, end) if start and end else None,
        "buyer_reference": charge.buyer_reference,
        "order_number": charge.order_number,
        "account_string": charge.account_string,
    }
