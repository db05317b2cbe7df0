"""The journal: every event of money is posted once, in a month that is open.

What is to be posted is found by looking: an event is due while there is no voucher of its key. A
job that was lost or killed loses nothing. A match that was undone before it was posted, and a
refund that failed before, leave no trace: they never moved money.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from cms import audit
from cms.audit import Actor
from payments.models import (
    AccountingMonth,
    BankTransfer,
    Invoice,
    Payment,
    PaymentState,
    Posting,
    Refund,
    RefundState,
    Role,
    TransferState,
    VoucherKind,
    seller_settings,
)
from payments.services import vouchers
from payments.services.vouchers import UNDONE, Chart, Voucher


class NotClosable(Exception):
    """The month is not the next to be closed, or not over."""


# Posting ----------------------------------------------------------------------------------------


def post_due() -> int:
    """Post every event that is not in the journal yet; returns how many."""
    _organisation, settings = seller_settings()
    return sum(_post(voucher) for voucher in _due(Chart(settings)))


def _due(chart: Chart) -> Iterator[Voucher]:
    """What is to be posted now, the papers first."""
    for invoice in _documents().iterator():
        yield vouchers.of_document(invoice, chart)
    for payment in _payments().iterator():
        yield vouchers.of_payment(payment, chart)
    for refund in _refunds(RefundState.SUCCEEDED).filter(_is_new()).iterator():
        yield vouchers.of_refund(refund, chart)
    for transfer in _transfers().filter(_is_new()).prefetch_related("charge__invoices"):
        yield vouchers.of_transfer(transfer, chart)
    today = timezone.localdate()
    for key in _undone():
        yield vouchers.reversal(
            Posting.objects.filter(voucher=key).select_related("charge").order_by("line"), today
        )


def _keyed(rows: QuerySet[Any], prefix: str, *more: Value | F) -> QuerySet[Any]:
    """The rows with the key of their voucher, as ``vouchers`` makes it."""
    parts = [Cast(part, CharField()) for part in (F("pk"), *more)]
    return rows.annotate(voucher_key=Concat(Value(prefix), *parts, output_field=CharField()))


def _is_new() -> Q:
    return Q(~Exists(Posting.objects.filter(voucher=OuterRef("voucher_key"))))


def _documents() -> QuerySet[Invoice]:
    rows = _keyed(Invoice.objects.select_related("charge"), "document:")
    return rows.filter(_is_new()).order_by("year", "sequence")


def _payments() -> QuerySet[Payment]:
    succeeded = Payment.objects.filter(state=PaymentState.SUCCEEDED).select_related("charge")
    return _keyed(succeeded, "payment:").filter(_is_new()).order_by("paid_at", "pk")


def _refunds(state: RefundState) -> QuerySet[Any]:
    rows = Refund.objects.filter(state=state).select_related("payment__charge")
    return _keyed(rows, "refund:").order_by("created_at", "pk")


def _transfers() -> QuerySet[Any]:
    """The transfers that are matched now."""
    rows = BankTransfer.objects.filter(state=TransferState.MATCHED).select_related("charge")
    return _keyed(rows, "transfer:", Value(":"), F("matches")).order_by("received_on", "pk")


def _undone() -> list[str]:
    """The vouchers of what no longer holds: matches taken back, refunds that failed later."""
    matched = _transfers().filter(voucher_key=OuterRef("voucher"))
    failed = _refunds(RefundState.FAILED).filter(voucher_key=OuterRef("voucher"))
    unmatched = Q(~Exists(matched), kind=VoucherKind.TRANSFER)
    came_back = Q(Exists(failed), kind=VoucherKind.REFUND)
    taken_back = Posting.objects.filter(voucher=Concat(OuterRef("voucher"), Value(UNDONE)))
    rows = Posting.objects.filter(unmatched | came_back, ~Exists(taken_back), line=1)
    return list(rows.order_by("pk").values_list("voucher", flat=True))


@transaction.atomic
def _post(voucher: Voucher) -> bool:
    """Write the voucher's postings, dated when it happened or the first day that is open."""
    _lock()
    if not voucher.postings or Posting.objects.filter(voucher=voucher.key).exists():
        return False
    opens = first_open_day()
    posted_on = max(voucher.event_on, opens) if opens else voucher.event_on
    Posting.objects.bulk_create(vouchers.written(voucher, posted_on))
    return True


def _lock() -> None:
    """One writer of the books at a time, until the transaction ends: no month is closed between
    the choice of a voucher's date and its writing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.journal'))")


# Months -----------------------------------------------------------------------------------------


def first_of_next(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def first_open_day() -> date | None:
    """The day after the last closed month; None while none is closed."""
    last = AccountingMonth.objects.order_by("-month").values_list("month", flat=True).first()
    return first_of_next(last) if last else None


def next_to_close() -> date | None:
    """The first day of the month that is to be closed next; None while nothing was posted."""
    opens = first_open_day()
    if opens:
        return opens
    first = Posting.objects.order_by("posted_on").values_list("posted_on", flat=True).first()
    return first.replace(day=1) if first else None


def is_over(month: date) -> bool:
    return timezone.localdate() >= first_of_next(month)


@transaction.atomic
def close_month(month: date, *, actor: Actor) -> AccountingMonth:
    """Close the month of that first day, after posting what is due. Raises NotClosable.

    What happened in it and is learned of later is dated the first day of the first open month.
    """
    _lock()
    post_due()
    if month != next_to_close() or not is_over(month):
        raise NotClosable
    closed = AccountingMonth.objects.create(month=month, closed_by=actor.user)
    audit.record(actor=actor, action="month.closed", subject=closed, month=f"{month:%Y-%m}")
    return closed


# Checking ---------------------------------------------------------------------------------------


def differences() -> Iterator[str]:
    """Where the journal does not say what the tables say, one line each, in English for the log.

    What is due and not posted yet is a difference, too.
    """
    succeeded = Payment.objects.filter(state=PaymentState.SUCCEEDED)
    sent_back = Refund.objects.filter(state=RefundState.SUCCEEDED)
    once, again = Q(is_duplicate=False), Q(is_duplicate=True)
    of_once, of_again = Q(payment__is_duplicate=False), Q(payment__is_duplicate=True)
    documents = Invoice.objects.aggregate(
        sold=Sum("gross", filter=Q(kind="invoice"), default=0),
        credited=Sum("gross", filter=Q(kind="credit_note"), default=0),
    )
    by_bank = _sum(BankTransfer.objects.filter(state=TransferState.MATCHED))
    by_card = _sum(succeeded.filter(once)) - _sum(sent_back.filter(of_once))
    duplicates = _sum(succeeded.filter(again)) - _sum(sent_back.filter(of_again))
    expected = {
        Role.DEBTORS: documents["sold"] - documents["credited"] - by_bank - by_card,
        Role.BANK: by_bank,
        Role.STRIPE: by_card + duplicates,
        Role.DUPLICATES: -duplicates,
    }
    for role, amount in expected.items():
        booked = _sum(Posting.objects.filter(role=role))
        if booked != amount:
            yield f"journal: {role} says {booked}, the tables {amount}"
    rest = _sum(Posting.objects.all())
    if rest:
        yield f"journal: all postings sum to {rest}"


def _sum(rows: QuerySet[Any]) -> int:
    total: int = rows.aggregate(total=Sum("amount", default=0))["total"]
    return total
