"""Issuing invoices and credit notes: checked first, then numbered, then never changed.

What is to be issued is found by looking (``due``): a job that was lost or killed loses nothing.
The number is taken under a lock in the transaction that writes the document, so that documents
stand in one series without gaps, whoever issues and whatever fails.
"""

import logging
from dataclasses import replace

from django.db import transaction
from django.db.models import F, Q, QuerySet

from payments.einvoice.rules import Breach, breaches
from payments.identifiers import fik_reference
from payments.invoice_document import (
    DocumentKind,
    InvoiceDocument,
)
from payments.models import (
    Charge,
    Credit,
    Invoice,
    PaymentMethod,
    seller_settings,
)
from payments.services import numbering, transmission
from payments.services.invoice_contents import credit_note_document, invoice_document

logger = logging.getLogger(__name__)


class NotIssuable(Exception):
    """The document breaks rules; ``breaches`` says which, and what to do about it."""

    def __init__(self, found: list[Breach]) -> None:
        super().__init__("; ".join(str(breach) for breach in found))
        self.breaches = found


def charges_to_invoice() -> QuerySet[Charge]:
    """Charges that are owed or paid and have no invoice yet, in the order they were made.

    A charge to be paid by card gets its document when it is paid. One credited whole before it was
    ever invoiced or paid was never owed by anybody: it needs none.
    """
    owed = Q(method=PaymentMethod.INVOICE, credited__lt=F("gross"))
    paid = Q(paid_at__isnull=False)
    return Charge.objects.filter(owed | paid, invoices__isnull=True).order_by("created_at", "pk")


def credits_to_document() -> QuerySet[Credit]:
    """Credits of invoiced charges without a credit note, in their order."""
    return (
        Credit.objects.filter(credit_note__isnull=True, charge__invoices__kind="invoice")
        .select_related("charge")
        .order_by("created_at", "pk")
    )


def issue_due(charge_id: str | None = None) -> tuple[int, int]:
    """Issue every document that is due (of one charge); returns (issued, held by a broken rule)."""
    charges, credited = charges_to_invoice(), credits_to_document()
    if charge_id is not None:
        charges, credited = charges.filter(pk=charge_id), credited.filter(charge_id=charge_id)
    issued = held = 0
    for charge in charges:
        try:
            issued += issue_invoice(charge) is not None
        except NotIssuable as problem:
            held += 1
            if any(breach.is_sellers for breach in problem.breaches):
                logger.error("No invoice can be issued: %s", problem)
                return issued, held
    for credit in credited:
        issued += issue_credit_note(credit) is not None
    return issued, held


def issue_invoice(charge: Charge) -> Invoice | None:
    """The charge's invoice, issued now; None when it has one already.

    Raises NotIssuable, which is also written on the charge for finance to see; no number is used.
    """
    try:
        with transaction.atomic():
            charge = Charge.objects.select_for_update().get(pk=charge.pk)
            if charge.invoices.filter(kind=DocumentKind.INVOICE).exists():
                return None
            document = invoice_document(charge)
            invoice = issue_document(document, charge=charge)
            if not document.paid_on:
                transmission.enqueue(invoice)
            Charge.objects.filter(pk=charge.pk).exclude(invoice_problem="").update(
                invoice_problem=""
            )
            return invoice
    except NotIssuable as problem:
        Charge.objects.filter(pk=charge.pk).update(invoice_problem=str(problem)[:500])
        raise


def issue_credit_note(credit: Credit) -> Invoice | None:
    """The credit's credit note, correcting the charge's invoice; None when it has one already."""
    with transaction.atomic():
        charge = Charge.objects.select_for_update().get(pk=credit.charge_id)
        if Invoice.objects.filter(credit=credit).exists():
            return None
        invoice = charge.invoices.get(kind=DocumentKind.INVOICE)
        document = credit_note_document(credit, invoice)
        note = issue_document(document, charge=charge, credit=credit, corrects=invoice)
        if not invoice.document.paid_on:
            transmission.enqueue(note)
        return note


def issue_document(
    document: InvoiceDocument,
    *,
    charge: Charge,
    credit: Credit | None = None,
    corrects: Invoice | None = None,
) -> Invoice:
    """Give a document the next number of its accounting year, inside the caller's transaction.

    Raises NotIssuable before a number is used.
    """
    found = breaches(document)
    if found:
        raise NotIssuable(found)
    _seller, settings = seller_settings()
    year = numbering.accounting_year(document.issued_on, settings.accounting_year_begins)
    sequence = numbering.next_number(year)
    number = f"{settings.invoice_prefix}{year}-{sequence:05d}"
    fik = fik_reference(year * 100_000_000 + sequence) if document.bank.creditor else ""
    document = replace(document, number=number, fik=fik)
    return Invoice.objects.create(
        kind=document.kind,
        number=number,
        year=year,
        sequence=sequence,
        issued_on=document.issued_on,
        due_on=document.due_on,
        charge=charge,
        credit=credit,
        corrects=corrects,
        buyer_name=document.buyer.name,
        net=document.net,
        vat=document.vat,
        gross=document.gross,
        content=document.as_json(),
    )
