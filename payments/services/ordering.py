"""Making many charges at a time, for whoever charges thousands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from payments.models import Charge, ChargeLine
from payments.services.charging import Line, lines_of, totals


@dataclass(frozen=True)
class ChargeOrder:
    """What ``create_charge`` is told, for making many at a time."""

    key: str
    reference: str
    scope: str
    scope_label: str
    description: str
    method: str
    lines: Sequence[Line]
    buyer: dict[str, str]
    period: tuple[date, date]

    def charge(self) -> Charge:
        net, vat, gross = totals(self.lines)
        return Charge(
            key=self.key,
            reference=self.reference,
            scope=self.scope,
            scope_label=self.scope_label,
            description=self.description,
            method=self.method,
            net=net,
            vat=vat,
            gross=gross,
            period_start=self.period[0],
            period_end=self.period[1],
            **self.buyer,
        )


@transaction.atomic
def create_charges(orders: Sequence[ChargeOrder]) -> list[Charge]:
    """Make those of the charges that are not there yet, in few queries; returns the new ones.

    Their invoices are issued by the clock, which finds what is due.

    The caller holds a lock on what is charged: a charge made meanwhile is an IntegrityError.
    """
    keys = [order.key for order in orders]
    there = set(Charge.objects.filter(key__in=keys).values_list("key", flat=True))
    missing = [order for order in orders if order.key not in there]
    charges = Charge.objects.bulk_create(order.charge() for order in missing)
    ChargeLine.objects.bulk_create(
        line
        for charge, order in zip(charges, missing, strict=True)
        for line in lines_of(charge, order.lines)
    )
    return charges
