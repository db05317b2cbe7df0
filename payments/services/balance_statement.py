"""Stripe's balance by month: payments - refunds - disputes - fees = payouts + change of balance.

Months are local ones. All amounts are whole øre; what left is positive in its own column.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_noop as _

from payments.models import BalanceCategory, BalanceTransaction
from payments.services.differences import Difference


@dataclass(frozen=True)
class BalanceMonth:
    """What happened in the month of that first day, and what Stripe held before and after it.

    ``fees``: what was kept of payments and disputes, and fees of their own. ``transactions``: how
    many there were.
    """

    month: date
    transactions: int
    opening: int
    payments: int
    refunds: int
    disputes: int
    fees: int
    payouts: int
    closing: int

    @property
    def change(self) -> int:
        return self.closing - self.opening

    @property
    def difference(self) -> int:
        """What the identity lacks: movements that are none of its kinds."""
        earned = self.payments - self.refunds - self.disputes - self.fees
        return self.payouts + self.change - earned


def months(rows: QuerySet[BalanceTransaction]) -> list[BalanceMonth]:
    """The months of these transactions (of one mode, from the first on), oldest first; one query.

    A month in which nothing happened is left out.
    """

    def of(category: BalanceCategory) -> Sum:
        return Sum("amount", filter=Q(category=category), default=0)

    sums = (
        rows.order_by()
        .values(month=TruncMonth("created_at"))
        .annotate(
            payments=of(BalanceCategory.PAYMENT),
            refunds=of(BalanceCategory.REFUND),
            disputes=of(BalanceCategory.DISPUTE),
            taken=of(BalanceCategory.FEE),
            payouts=of(BalanceCategory.PAYOUT),
            kept=Sum("fee"),
            net=Sum("net"),
            transactions=Count("pk"),
        )
        .order_by("month")
    )
    found: list[BalanceMonth] = []
    for row in sums:
        found.append(_month(dict(row), opening=found[-1].closing if found else 0))
    return found


def _month(sums: dict[str, Any], *, opening: int) -> BalanceMonth:
    return BalanceMonth(
        month=sums["month"].date(),
        transactions=sums["transactions"],
        opening=opening,
        payments=sums["payments"],
        refunds=-sums["refunds"],
        disputes=-sums["disputes"],
        fees=sums["kept"] - sums["taken"],
        payouts=-sums["payouts"],
        closing=opening + sums["net"],
    )


def differences(rows: QuerySet[BalanceTransaction]) -> Iterator[Difference]:
    """The months in which the identity does not hold."""
    for line in months(rows):
        if line.difference:
            yield Difference(
                _(
                    "Stripe's balance of %(month)s: %(difference)s is neither payment nor refund, "
                    "dispute, fee or payout"
                ),
                month=f"{line.month:%Y-%m}",
                difference=line.difference,
            )
