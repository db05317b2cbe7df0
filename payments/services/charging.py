"""Making charges, and applying to them what was paid and what was credited.

The handler named in ``PAYMENTS_CHARGE_HANDLER`` is called inside the transaction whenever a
charge's state changes: ``handler(charge=…, event=…)``, and with ``former=…`` when a charge takes
another's place. Payments never learns what is behind a charge's reference.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.module_loading import import_string

from cms import queue
from payments import money
from payments.models import (
    UNDER_WAY,
    Charge,
    ChargeLine,
    ChargeState,
    Credit,
    PaymentMethod,
    PaymentState,
)
from payments.services import refunds

#: Ends open payment sessions of a charge that needs no payment any more.
EXPIRE_ATTEMPTS = queue.Job("payments.expire_attempts")
#: Issues invoices and credit notes that are due.
ISSUE_DOCUMENTS = queue.Job("payments.issue_documents")


class ChargeEvent(StrEnum):
    """What happened to a charge, as told to the handler."""

    PAID = "paid"
    CREDITED = "credited"
    #: A part was taken off; the rest stands.
    PARTLY_CREDITED = "partly_credited"
    #: Paid, though the charge was credited meanwhile: recorded, for a person to decide.
    PAID_TOO_LATE = "paid_too_late"
    #: Made in the place of ``former``, which was credited, for a corrected buyer.
    REISSUED = "reissued"


class CreditTooLarge(Exception):
    """More than what is left of the charge, or nothing at all."""


@dataclass(frozen=True)
class Line:
    """``quantity`` × ``unit_price`` øre excl. VAT; ``vat_rate`` in hundredths of a percent."""

    description: str
    quantity: int
    unit_price: int
    vat_rate: int
    vat_exemption_reason: str = ""

    @property
    def net(self) -> int:
        return self.quantity * self.unit_price


def charge_handler() -> Callable[..., None]:
    handler: Callable[..., None] = import_string(settings.PAYMENTS_CHARGE_HANDLER)
    return handler


def totals(lines: Sequence[Line]) -> tuple[int, int, int]:
    """(net, VAT, gross) in øre: VAT once per rate, from the sum of its lines."""
    ordered = sorted(lines, key=lambda line: line.vat_rate)
    net = sum(line.net for line in ordered)
    vat = sum(
        money.vat_of(sum(line.net for line in group), rate)
        for rate, group in groupby(ordered, key=lambda line: line.vat_rate)
    )
    return net, vat, net + vat


@transaction.atomic
def create_charge(
    *,
    key: str,
    reference: str,
    scope: str,
    scope_label: str,
    description: str,
    method: str,
    lines: Sequence[Line],
    buyer: dict[str, str],
    period: tuple[date, date] | None = None,
) -> Charge:
    """The charge of that key: made now, or as it was made before, whatever is asked again."""
    net, vat, gross = totals(lines)
    start, end = period or (None, None)
    values: dict[str, Any] = {
        "reference": reference,
        "scope": scope,
        "scope_label": scope_label,
        "description": description,
        "method": method,
        "net": net,
        "vat": vat,
        "gross": gross,
        "period_start": start,
        "period_end": end,
        **buyer,
    }
    charge, created = Charge.objects.get_or_create(key=key, defaults=values)
    if created:
        ChargeLine.objects.bulk_create(lines_of(charge, lines))
        expect_document(charge)
    return charge


def lines_of(charge: Charge, lines: Sequence[Line]) -> Iterator[ChargeLine]:
    """The charge's lines, to be written."""
    return (
        ChargeLine(
            charge=charge,
            position=position,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            vat_rate=line.vat_rate,
            vat_exemption_reason=line.vat_exemption_reason,
        )
        for position, line in enumerate(lines, start=1)
    )


def mark_paid(charge: Charge) -> None:
    """Record that a locked charge is paid in full, and tell the handler.

    A charge credited meanwhile stays credited: nobody is displaced by late money.
    """
    if charge.state == ChargeState.PAID:
        return
    if charge.state == ChargeState.CREDITED:
        charge_handler()(charge=charge, event=ChargeEvent.PAID_TOO_LATE)
        return
    charge.state = ChargeState.PAID
    charge.paid_at = timezone.now()
    charge.save(update_fields=["state", "paid_at"])
    expect_document(charge)
    charge_handler()(charge=charge, event=ChargeEvent.PAID)


def expect_document(charge: Charge) -> None:
    """What happened calls for an invoice or a credit note, which a job issues; of a charge that is
    to be paid by card there is none before it is paid."""
    if charge.method == PaymentMethod.CARD and charge.paid_at is None:
        return
    ISSUE_DOCUMENTS.enqueue(key=f"issue:{charge.pk}", charge_id=str(charge.pk))


def lock_charges(reference: str) -> list[Charge]:
    """Lock the charges of a reference, in the caller's transaction.

    A payment locks its charge, and then the handler what the charge is for. Whoever wants both
    calls this first, so that the two don't wait for each other.
    """
    charges = Charge.objects.select_for_update().filter(reference=reference)
    return list(charges.order_by("created_at", "pk"))


@transaction.atomic
def credit_charge(charge: Charge, *, key: str, reason: str, refund: bool = True) -> Credit | None:
    """Take all that is left of the charge off again; None when nothing is left.

    ``key`` makes one credit of many attempts. ``refund``: what was paid by card and not sent back
    yet is sent back.
    """
    charge = Charge.objects.select_for_update().get(pk=charge.pk)
    existing = Credit.objects.filter(key=key).first()
    net, vat = _left_of(charge)
    if existing or net + vat == 0:
        return existing
    return _take_off(charge, Credit(key=key, net=net, vat=vat, reason=reason), refund=refund)


@transaction.atomic
def credit_part(charge: Charge, *, net: int, key: str, reason: str) -> Credit:
    """Take a part of the charge off: ``net`` øre excl. VAT, with the VAT of the charge's rates.

    ``key`` makes one credit of many attempts. As much of it as was paid by card is sent back. What
    is left can still be paid, or stays paid; once nothing is left the charge is credited. Raises
    CreditTooLarge.
    """
    charge = Charge.objects.select_for_update().get(pk=charge.pk)
    existing = Credit.objects.filter(key=key).first()
    if existing:
        return existing
    left, vat_left = _left_of(charge)
    if not 0 < net <= left:
        raise CreditTooLarge(f"{net} øre of {left} of charge {charge.pk}")
    vat = vat_left if net == left else min(_vat_of_part(charge, net), vat_left)
    return _take_off(charge, Credit(key=key, net=net, vat=vat, reason=reason), refund=True)


def left_to_credit(charge: Charge) -> int:
    """øre excl. VAT that were not taken off yet."""
    return _left_of(charge)[0]


def _left_of(charge: Charge) -> tuple[int, int]:
    """(net, VAT) that were not taken off yet."""
    earlier = list(Credit.objects.filter(charge=charge).values_list("net", "vat"))
    net, vat = (sum(column) for column in zip(*earlier, strict=True)) if earlier else (0, 0)
    return charge.net - net, charge.vat - vat


def _vat_of_part(charge: Charge, net: int) -> int:
    """VAT in øre of a part of the charge: rounded once per rate."""
    return sum(money.vat_of(share, rate) for rate, share in shares_by_rate(charge, net).items())


def shares_by_rate(charge: Charge, net: int) -> dict[int, int]:
    """{VAT rate: øre excl. VAT} of a part of the charge.

    Of several rates each bears its share of the part, in whole øre; what rounding leaves over is
    the highest rate's.
    """
    nets: dict[int, int] = {}
    for line in charge.lines.order_by("vat_rate"):
        nets[line.vat_rate] = nets.get(line.vat_rate, 0) + line.net
    *lower, highest = nets
    shares = {rate: net * nets[rate] // charge.net for rate in lower}
    shares[highest] = net - sum(shares.values())
    return shares


def _take_off(charge: Charge, credit: Credit, *, refund: bool) -> Credit:
    """Write the credit of a locked charge, with what follows from it."""
    credit.charge = charge
    credit.gross = credit.net + credit.vat
    credit.save(force_insert=True)
    charge.credited += credit.gross
    is_whole = charge.credited == charge.gross
    if is_whole:
        charge.state = ChargeState.CREDITED
    charge.save(update_fields=["credited", "state"])
    expect_document(charge)
    # A payment page that stands open asks for what was owed before.
    expect_no_payment(charge)
    if refund:
        _refund_payments(charge, credit, is_whole=is_whole)
    event = ChargeEvent.CREDITED if is_whole else ChargeEvent.PARTLY_CREDITED
    charge_handler()(charge=charge, event=event)
    if charge.state == ChargeState.OPEN and _is_covered(charge):
        mark_paid(charge)
    return credit


def _is_covered(charge: Charge) -> bool:
    """Bank transfers have paid what is left of the charge: a part of it came before the credit."""
    received = charge.transfers.aggregate(total=Sum("amount", default=0))["total"]
    return bool(received >= charge.gross - charge.credited)


def _refund_payments(charge: Charge, credit: Credit, *, is_whole: bool) -> None:
    """A second payment of the charge is no part of this: it is refunded as such."""
    left = credit.gross
    for payment in charge.payments.filter(state=PaymentState.SUCCEEDED, is_duplicate=False):
        paid = refunds.refundable(payment)
        amount = paid if is_whole else min(paid, left)
        left -= amount
        refunds.request_refund(
            payment,
            amount=amount,
            reason=credit.reason,
            key=f"credit:{credit.pk}:{payment.pk}",
        )


def expect_no_payment(charge: Charge) -> None:
    """A payment page that stands open for the charge is closed by a job."""
    if charge.payments.filter(state__in=UNDER_WAY).exists():
        EXPIRE_ATTEMPTS.enqueue(key=f"expire:{charge.pk}", charge_id=str(charge.pk))


def change_method(charge: Charge, method: str, buyer: dict[str, str]) -> None:
    """Let an open charge be paid in another way, with the buyer's details that it needs."""
    with transaction.atomic():
        locked = Charge.objects.select_for_update().get(pk=charge.pk, state=ChargeState.OPEN)
        locked.method = method
        for name, value in buyer.items():
            setattr(locked, name, value)
        locked.save(update_fields=["method", *buyer])
        expect_document(locked)
        if method != PaymentMethod.CARD:
            expect_no_payment(locked)
