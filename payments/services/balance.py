"""Stripe's balance: its transactions and payouts are taken in, each once, and linked to ours.

Test and live mode never mix: what is read belongs to the mode of the key that it was read with, and
is linked to payments of the same mode alone.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum
from django.utils import timezone

from payments import gateway, stripe_balance
from payments.models import (
    BalanceCategory,
    BalanceReading,
    BalanceTransaction,
    Payment,
    Payout,
    Refund,
)
from payments.stripe_facts import BalanceFacts, PayoutFacts

logger = logging.getLogger(__name__)

#: Asked for again from so long before the newest one known: nothing is missed that came to be
#: listed late.
OVERLAP = timedelta(days=3)
#: A payout may fail weeks after it was sent.
PAYOUT_OVERLAP = timedelta(days=45)

#: Stripe's ``reporting_category``: https://docs.stripe.com/reports/reporting-categories
_CATEGORIES = {
    "charge": BalanceCategory.PAYMENT,
    "refund": BalanceCategory.REFUND,
    "refund_failure": BalanceCategory.REFUND,
    "dispute": BalanceCategory.DISPUTE,
    "dispute_reversal": BalanceCategory.DISPUTE,
    "fee": BalanceCategory.FEE,
    "payout": BalanceCategory.PAYOUT,
    "payout_reversal": BalanceCategory.PAYOUT,
}


def import_balance() -> int:
    """Take in what Stripe lists, link it, and note what Stripe holds; returns how many were new.

    The same again adds nothing. Raises GatewayError when Stripe can't be asked.
    """
    livemode = gateway.is_live()
    held = stripe_balance.balance()
    payouts = stripe_balance.list_payouts(_since(Payout.objects.all(), livemode, PAYOUT_OVERLAP))
    since = _since(BalanceTransaction.objects.all(), livemode, OVERLAP)
    transactions = stripe_balance.list_transactions(since)
    with transaction.atomic():
        _take_in_payouts(payouts, livemode)
        new = take_in(transactions, livemode=livemode)
    _list_contents(payouts, livemode)
    _note(held, livemode)
    return new


def _since(rows: QuerySet, livemode: bool, overlap: timedelta) -> datetime | None:
    newest = rows.filter(livemode=livemode).order_by("-created_at").first()
    return newest.created_at - overlap if newest else None


# Taking in --------------------------------------------------------------------------------------


@transaction.atomic
def take_in(listed: Iterable[BalanceFacts], *, livemode: bool) -> int:
    """Write down the transactions that are new, link all that can be; returns how many were new."""
    facts = {entry.id: entry for entry in listed if _is_in_kroner(entry)}
    known = {
        row.stripe_id: row for row in BalanceTransaction.objects.filter(stripe_id__in=facts.keys())
    }
    for stripe_id, row in known.items():
        said = facts[stripe_id]
        if (row.amount, row.fee, row.livemode) != (said.amount, said.fee, livemode):
            logger.error("Balance transaction %s is another than before.", stripe_id)
    new = [_row(entry, livemode) for key, entry in facts.items() if key not in known]
    BalanceTransaction.objects.bulk_create(new, batch_size=1000, ignore_conflicts=True)
    _link_ours()
    return len(new)


def _is_in_kroner(entry: BalanceFacts) -> bool:
    """Nothing of ours is in another currency: then it is no money of this site."""
    if entry.currency != stripe_balance.CURRENCY:
        logger.error("Balance transaction %s is in %s.", entry.id, entry.currency)
    return entry.currency == stripe_balance.CURRENCY


def _row(entry: BalanceFacts, livemode: bool) -> BalanceTransaction:
    return BalanceTransaction(
        stripe_id=entry.id,
        livemode=livemode,
        type=entry.type,
        category=_CATEGORIES.get(entry.category, BalanceCategory.OTHER),
        amount=entry.amount,
        fee=entry.fee,
        net=entry.net,
        currency=entry.currency,
        created_at=entry.created_at,
        available_on=entry.available_at,
        source_id=entry.source_id,
        payment_intent_id=entry.payment_intent_id,
        description=entry.description[:250],
    )


def _take_in_payouts(listed: Iterable[PayoutFacts], livemode: bool) -> None:
    """New ones, and how the known ones stand now."""
    for entry in listed:
        if entry.currency != stripe_balance.CURRENCY:
            continue
        Payout.objects.update_or_create(
            stripe_id=entry.id,
            defaults={"state": entry.status, "arrives_on": timezone.localdate(entry.arrives_at)},
            create_defaults={
                "livemode": livemode,
                "amount": entry.amount,
                "state": entry.status,
                "created_at": entry.created_at,
                "arrives_on": timezone.localdate(entry.arrives_at),
            },
        )


# Linking ----------------------------------------------------------------------------------------


def _link_ours() -> None:
    """To the payments and refunds that are known by now."""
    payments = Payment.objects.filter(
        payment_intent_id=OuterRef("payment_intent_id"), livemode=OuterRef("livemode")
    )
    rows = BalanceTransaction.objects.filter(payment=None).exclude(payment_intent_id="")
    _link(rows, "payment", payments)
    refunds = Refund.objects.filter(
        stripe_id=OuterRef("source_id"), payment__livemode=OuterRef("livemode")
    )
    rows = BalanceTransaction.objects.filter(refund=None, category=BalanceCategory.REFUND)
    _link(rows, "refund", refunds)


def _link(rows: QuerySet, name: str, found: QuerySet) -> None:
    rows.filter(Exists(found)).update(**{f"{name}_id": Subquery(found.values("pk")[:1])})


def _list_contents(listed: Iterable[PayoutFacts], livemode: bool) -> None:
    """Ask what each payout consists of, once; one that was missed is asked next time."""
    complete = [entry.id for entry in listed if entry.is_listed]
    for payout in Payout.objects.filter(
        stripe_id__in=complete, livemode=livemode, listed_at=None
    ).order_by("created_at"):
        contents = stripe_balance.list_paid_out(payout.stripe_id)
        with transaction.atomic():
            rows = BalanceTransaction.objects.filter(stripe_id__in=contents, payout=None)
            rows.exclude(source_id=payout.stripe_id).update(payout=payout)
            payout.listed_at = timezone.now()
            payout.save(update_fields=["listed_at"])


def _note(before: int, livemode: bool) -> None:
    """Write down what Stripe holds, if it held the same when the reading began: otherwise
    something happened meanwhile, and the next reading tells."""
    held = stripe_balance.balance()
    if held != before:
        return
    rows = BalanceTransaction.objects.filter(livemode=livemode)
    BalanceReading.objects.update_or_create(
        livemode=livemode,
        defaults={
            "held": held,
            "transactions": rows.aggregate(total=Sum("net", default=0))["total"],
            "read_at": timezone.now(),
        },
    )
