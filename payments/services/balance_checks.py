"""Do Stripe's balance, our payments and the journal say the same?"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_noop as _

from payments import gateway
from payments.models import (
    BalanceCategory,
    BalanceReading,
    BalanceTransaction,
    Payment,
    PaymentState,
    Payout,
    Posting,
    Refund,
    RefundState,
    Role,
)
from payments.services import balance_statement
from payments.services.differences import Difference
from payments.services.journal import SETTLING, still_settling, told_by_ours

#: It is read every hour: one so old means that the reading fails.
STALE = timedelta(days=1)


def of_this_mode() -> QuerySet[BalanceTransaction]:
    """The transactions of the mode that the key is of: what finance sees."""
    return BalanceTransaction.objects.filter(livemode=gateway.is_live())


def reading() -> BalanceReading | None:
    """What Stripe last said that it holds; None while it was never read."""
    return BalanceReading.objects.filter(livemode=gateway.is_live()).first()


def differences() -> Iterator[Difference]:
    """What does not agree; nothing while Stripe's balance was never read and nobody paid."""
    last = reading()
    if last is None:
        if _settled_payments().exists():
            yield Difference(_("Stripe's balance was never read"))
        return
    yield from _of_reading(last)
    yield from balance_statement.differences(of_this_mode())
    yield from _payments()
    yield from _refunds()
    yield from _foreign()
    yield from _payouts()
    yield from _clearing_account()


def _of_reading(last: BalanceReading) -> Iterator[Difference]:
    if last.read_at < timezone.now() - STALE:
        yield Difference(
            _("Stripe's balance was last read on %(day)s"),
            day=date_format(timezone.localtime(last.read_at), "SHORT_DATETIME_FORMAT"),
        )
    if last.held != last.transactions:
        yield Difference(
            _("Stripe holds %(held)s, its transactions sum to %(transactions)s"),
            held=last.held,
            transactions=last.transactions,
        )


# Links ------------------------------------------------------------------------------------------


def _settled_payments() -> QuerySet[Payment]:
    """Card payments so old that Stripe's transaction must be known."""
    return Payment.objects.filter(
        state=PaymentState.SUCCEEDED,
        livemode=gateway.is_live(),
        paid_at__lte=timezone.now() - SETTLING,
    ).exclude(session_id=None)


def _at_stripe(category: BalanceCategory) -> Coalesce:
    """What the balance transactions of that category, linked to the row, sum to."""
    of_category = Q(balance_transactions__category=category)
    return Coalesce(Sum("balance_transactions__amount", filter=of_category), 0)


def _payments() -> Iterator[Difference]:
    rows = (
        _settled_payments()
        .select_related("charge")
        .annotate(at_stripe=_at_stripe(BalanceCategory.PAYMENT))
    )
    for payment in rows.exclude(at_stripe=F("amount")).order_by("paid_at"):
        yield Difference(
            _("%(amount)s was paid, Stripe's balance received %(received)s"),
            subject=payment,
            amount=payment.amount,
            received=payment.at_stripe,
        )


def _refunds() -> Iterator[Difference]:
    rows = Refund.objects.filter(
        payment__livemode=gateway.is_live(), created_at__lte=timezone.now() - SETTLING
    ).select_related("payment__charge")
    rows = rows.annotate(at_stripe=_at_stripe(BalanceCategory.REFUND))
    wrong = Q(state=RefundState.SUCCEEDED) & ~Q(at_stripe=-F("amount"))
    came_back = Q(state=RefundState.FAILED) & ~Q(at_stripe=0)
    recent = Q(succeeded_at__gt=timezone.now() - SETTLING)
    known = Q(stripe_id__isnull=False)
    for refund in rows.filter(wrong | came_back, known).exclude(recent).order_by("created_at"):
        sent = refund.amount if refund.state == RefundState.SUCCEEDED else 0
        yield Difference(
            _("%(amount)s was refunded, %(taken)s left Stripe's balance"),
            subject=refund.payment,
            amount=sent,
            taken=-refund.at_stripe,
        )


def _foreign() -> Iterator[Difference]:
    """Payments and refunds at Stripe that are none of ours, once they had time to become it."""
    ours = [BalanceCategory.PAYMENT, BalanceCategory.REFUND]
    rows = of_this_mode().filter(category__in=ours).exclude(still_settling(timezone.now()))
    unknown = rows.exclude(pk__in=_pks(told_by_ours())).select_related("refund")
    for row in unknown.order_by("created_at"):
        if row.refund and row.refund.state == RefundState.PENDING:
            continue
        yield Difference(
            _("%(number)s, %(amount)s: no payment or refund of ours"),
            subject=row,
            number=row.source_id or row.stripe_id,
            amount=row.amount,
        )


def _pks(condition: Q) -> QuerySet[Any]:
    return BalanceTransaction.objects.filter(condition).order_by().values("pk")


def _payouts() -> Iterator[Difference]:
    """Each payout left the balance, or came back; what it consists of sums to it."""
    own = BalanceTransaction.objects.filter(source_id=OuterRef("stripe_id")).order_by()
    own_sum = own.values("source_id").annotate(total=Sum("net")).values("total")
    rows = Payout.objects.filter(livemode=gateway.is_live()).annotate(
        consists_of=Coalesce(Sum("transactions__net"), 0),
        moved=Coalesce(Subquery(own_sum), 0),
    )
    for payout in rows.order_by("created_at"):
        gone = 0 if payout.state in ("failed", "canceled") else payout.amount
        if -payout.moved != gone:
            yield Difference(
                _("payout %(number)s of %(amount)s: %(left)s left Stripe's balance"),
                number=payout.stripe_id,
                amount=gone,
                left=-payout.moved,
            )
        if payout.listed_at and payout.consists_of != payout.amount:
            yield Difference(
                _("payout %(number)s of %(amount)s: what it consists of sums to %(sum)s"),
                number=payout.stripe_id,
                amount=payout.amount,
                sum=payout.consists_of,
            )


# The journal ------------------------------------------------------------------------------------


def clearing_account() -> tuple[int, int]:
    """øre on the clearing account of the journal, and what all transactions sum to."""
    booked = Posting.objects.filter(role=Role.STRIPE).aggregate(total=Sum("amount", default=0))
    held = BalanceTransaction.objects.aggregate(total=Sum("net", default=0))
    return booked["total"], held["total"]


def under_way() -> int:
    """øre on the clearing account that Stripe's transactions don't tell of yet, for a good reason.

    A payment or refund of which the transaction was not read yet, less transactions that wait for
    their payment or refund.
    """
    since = timezone.now() - SETTLING
    unread = Q(balance_transactions=None)
    payments = Payment.objects.filter(unread, state=PaymentState.SUCCEEDED, paid_at__gt=since)
    refunds = Refund.objects.filter(unread, state=RefundState.SUCCEEDED, succeeded_at__gt=since)
    waiting = BalanceTransaction.objects.filter(still_settling(timezone.now()))
    waiting = waiting.exclude(pk__in=_pks(told_by_ours()))
    return _sum(payments) - _sum(refunds) - _sum(waiting)


def _clearing_account() -> Iterator[Difference]:
    booked, held = clearing_account()
    expected = held + under_way()
    if booked != expected:
        yield Difference(
            _("the journal has %(booked)s at Stripe, the transactions sum to %(expected)s"),
            booked=booked,
            expected=expected,
        )


def _sum(rows: QuerySet[Any]) -> int:
    total: int = rows.aggregate(total=Sum("amount", default=0))["total"]
    return total
