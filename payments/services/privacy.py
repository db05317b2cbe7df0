"""People's names in what the bookkeeping law keeps: found, and forgotten when its years are over.

Kept, whatever is erased around them: invoices and credit notes, the charges they document, and
bank transfers (bogføringsloven § 12: five years from the end of the accounting year).
"""

from collections.abc import Collection, Sequence
from datetime import date

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from payments.models import BankTransfer, Charge, ChargeState, Invoice
from payments.models.settings import seller_settings

#: What names a person in a document and on a charge; the buyer itself is an organisation.
PERSONAL = ("buyer_contact", "buyer_email", "buyer_reference")


def invoices_naming(address: str, references: Collection[str]) -> QuerySet[Invoice]:
    """Documents of what was charged to those references, and those that name the address."""
    named = Q(content__buyer__email__iexact=address) | Q(charge__buyer_email__iexact=address)
    return Invoice.objects.filter(named | Q(charge__reference__in=references))


def charges_naming(address: str, references: Collection[str]) -> QuerySet[Charge]:
    return Charge.objects.filter(Q(buyer_email__iexact=address) | Q(reference__in=references))


def transfers_naming(names: Collection[str]) -> QuerySet[BankTransfer]:
    """Bank transfers in whose text, the payer's own, one of the names stands."""
    told = Q()
    for name in names:
        told |= Q(text__icontains=name)
    return BankTransfer.objects.filter(told) if names else BankTransfer.objects.none()


def forget_buyer(address: str, names: Collection[str]) -> int:
    """Take the person out of charges that nothing was ever invoiced or paid of; returns how
    many."""
    theirs = Q(buyer_email__iexact=address) | Q(buyer_contact__in=names)
    return _never_owed().filter(theirs).update(**dict.fromkeys(PERSONAL, ""))


def forget_buyers_of(reference: str) -> int:
    """The same of everybody on such charges of that reference."""
    return _never_owed().filter(reference=reference).update(**dict.fromkeys(PERSONAL, ""))


def _never_owed() -> QuerySet[Charge]:
    return Charge.objects.filter(
        state=ChargeState.CREDITED, paid_at__isnull=True, invoices__isnull=True
    )


def last_year_to_forget(today: date, years: int) -> int:
    """The newest accounting year that ended so many years ago or more, named by the calendar year
    in which it begins."""
    _organisation, settings = seller_settings()
    begun = today >= date(today.year, settings.accounting_year_begins, 1)
    return today.year - years - (1 if begun else 2)


def invoices_to_forget(today: date, years: int) -> QuerySet[Invoice]:
    """Documents that name a person and whose years of keeping are over."""
    old = Invoice.objects.filter(year__lte=last_year_to_forget(today, years))
    named = (
        ~Q(content__buyer__contact="")
        | ~Q(content__buyer__email="")
        | ~Q(content__buyer_reference="")
    )
    return old.filter(named).order_by("pk")


@transaction.atomic
def forget_invoices(invoices: Sequence[Invoice]) -> None:
    """Take the people out of documents and their charges; numbers, amounts and organisations
    stay, since the books point to them. The database allows it in such a transaction, of documents
    older than five years, and of nothing else that they say."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL payments.retention = 'on'")
    for invoice in invoices:
        buyer = {**invoice.content["buyer"], "contact": "", "email": ""}
        content = {**invoice.content, "buyer": buyer, "buyer_reference": ""}
        Invoice.objects.filter(pk=invoice.pk).update(content=content)
    charges = Charge.objects.filter(pk__in={invoice.charge_id for invoice in invoices})
    charges.update(**dict.fromkeys(PERSONAL, ""))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL payments.retention = 'off'")
