"""The journal: every event of money is posted once, in a month that is open.

What is to be posted is found by looking: an event is due while there is no voucher of its key. A
job that was lost or killed loses nothing. A match that was undone before it was posted, and a
refund that failed before, leave no trace: they never moved money.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from cms import audit
from cms.audit import Actor
from payments.models import (
    AccountingMonth,
    BalanceCategory,
    BalanceTransaction,
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
from payments.services.differences import Difference
from payments.services.vouchers import UNDONE, Chart, Voucher

#: So long may a payment or refund at Stripe be unknown to us: webhooks and jobs may be late.
SETTLING = timedelta(hours=12)


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
    for row in _fees().filter(_is_new()).iterator():
        yield vouchers.of_fee(row, chart)
    for row in _movements().filter(_is_new()).iterator():
        yield vouchers.of_movement(row, chart)
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
    # Of a payment that needs review nothing is booked before a person has decided.
    settled = Refund.objects.filter(payment__state=PaymentState.SUCCEEDED)
    rows = settled.filter(state=state).select_related("payment__charge")
    return _keyed(rows, "refund:").order_by("created_at", "pk")


def _transfers() -> QuerySet[Any]:
    """The transfers that are matched now."""
    rows = BankTransfer.objects.filter(state=TransferState.MATCHED).select_related("charge")
    return _keyed(rows, "transfer:", Value(":"), F("matches")).order_by("received_on", "pk")


def _fees() -> QuerySet[Any]:
    rows = BalanceTransaction.objects.exclude(fee=0).select_related("payment__charge")
    return _keyed(rows, "fee:").order_by("created_at", "pk")


def told_by_ours() -> Q:
    """The balance transactions whose amount a payment's or refund's own voucher posts.

    A refund that failed stands at Stripe twice, out and back in.
    """
    ended = [RefundState.SUCCEEDED, RefundState.FAILED]
    paid = Q(category=BalanceCategory.PAYMENT, payment__state=PaymentState.SUCCEEDED)
    return paid | Q(category=BalanceCategory.REFUND, refund__state__in=ended)


def still_settling(now: datetime) -> Q:
    """Payments and refunds at Stripe so new that ours may yet learn of them."""
    ours = [BalanceCategory.PAYMENT, BalanceCategory.REFUND]
    return Q(category__in=ours, created_at__gt=now - SETTLING)


def _movements() -> QuerySet[Any]:
    """The balance transactions whose amount is posted as their own."""
    known = told_by_ours() | still_settling(timezone.now())
    rows = BalanceTransaction.objects.exclude(pk__in=_pks(known)).exclude(amount=0)
    rows = rows.select_related("payment__charge")
    return _keyed(rows, "balance:").order_by("created_at", "pk")


def _pks(condition: Q) -> QuerySet[Any]:
    return BalanceTransaction.objects.filter(condition).order_by().values("pk")


def _undone() -> list[str]:
    """The vouchers of what no longer holds: matches taken back, refunds that failed later, money
    at Stripe that turned out to be ours."""
    matched = _transfers().filter(voucher_key=OuterRef("voucher"))
    failed = _refunds(RefundState.FAILED).filter(voucher_key=OuterRef("voucher"))
    unmatched = Q(~Exists(matched), kind=VoucherKind.TRANSFER)
    came_back = Q(Exists(failed), kind=VoucherKind.REFUND)
    told = BalanceTransaction.objects.filter(told_by_ours())
    cleared = _keyed(told, "balance:").filter(voucher_key=OuterRef("voucher"))
    cleared_up = Q(Exists(cleared), kind=VoucherKind.UNCLEAR)
    taken_back = Posting.objects.filter(voucher=Concat(OuterRef("voucher"), Value(UNDONE)))
    rows = Posting.objects.filter(unmatched | came_back | cleared_up, ~Exists(taken_back), line=1)
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


def differences() -> Iterator[Difference]:
    """Where the journal does not say what the tables say.

    What is due and not posted yet is a difference, too.
    """
    rows = Posting.objects.order_by().values_list("role").annotate(Sum("amount"))
    booked: dict[str, int] = dict(rows)
    for role, amount in {**_of_sales(), **_of_stripe()}.items():
        if booked.get(role, 0) != amount:
            yield Difference(
                _("journal: %(role)s says %(booked)s, the tables %(amount)s"),
                role=role,
                booked=booked.get(role, 0),
                amount=amount,
            )
    rest = sum(booked.values())
    if rest:
        yield Difference(_("journal: all postings sum to %(rest)s"), rest=rest)


def _of_sales() -> dict[Role, int]:
    """What documents, payments, refunds and transfers make of their accounts."""
    succeeded = Payment.objects.filter(state=PaymentState.SUCCEEDED)
    sent_back = Refund.objects.filter(state=RefundState.SUCCEEDED)
    documents = Invoice.objects.aggregate(
        sold=Sum("gross", filter=Q(kind="invoice"), default=0),
        credited=Sum("gross", filter=Q(kind="credit_note"), default=0),
    )
    by_card = _sum(succeeded.filter(is_duplicate=False)) - _sum(
        sent_back.filter(payment__is_duplicate=False)
    )
    duplicates = _sum(succeeded.filter(is_duplicate=True)) - _sum(
        sent_back.filter(payment__is_duplicate=True)
    )
    return {
        Role.DEBTORS: documents["sold"] - documents["credited"] - by_bank() - by_card,
        Role.DUPLICATES: -duplicates,
    }


def by_bank() -> int:
    """øre that matched transfers brought."""
    return _sum(BankTransfer.objects.filter(state=TransferState.MATCHED))


def by_stripe() -> int:
    """øre that payments brought to Stripe, less what refunds took, as our own tables say."""
    succeeded = Payment.objects.filter(state=PaymentState.SUCCEEDED)
    return _sum(succeeded) - _sum(Refund.objects.filter(state=RefundState.SUCCEEDED))


def _of_stripe() -> dict[Role, int]:
    """What Stripe's balance transactions make of their accounts."""
    fees = BalanceTransaction.objects.aggregate(total=Sum("fee", default=0))["total"]
    moved = dict.fromkeys(BalanceCategory.values, 0)
    moved |= _movements().order_by().values_list("category").annotate(Sum("amount"))
    charged = fees - moved.pop(BalanceCategory.FEE)
    payouts, disputes = moved.pop(BalanceCategory.PAYOUT), moved.pop(BalanceCategory.DISPUTE)
    unclear = sum(moved.values())
    return {
        Role.BANK: by_bank() - payouts,
        Role.STRIPE: by_stripe() - charged + payouts + disputes + unclear,
        Role.FEES: charged,
        Role.DISPUTES: -disputes,
        Role.UNCLEAR: -unclear,
    }


def _sum(rows: QuerySet[Any]) -> int:
    total: int = rows.aggregate(total=Sum("amount", default=0))["total"]
    return total
