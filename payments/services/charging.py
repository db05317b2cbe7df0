"""Making charges, and what becomes of them: how much is still owed, and when they are paid.

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
from django.utils import timezone
from django.utils.module_loading import import_string

from cms import queue
from payments import money
from payments.models import (
    UNDER_WAY,
    Charge,
    ChargeLine,
    ChargeState,
    PaymentMethod,
)
from payments.services import ledger

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


def received(charge: Charge) -> int:
    """øre that have paid of the charge: by bank, and by card what was not sent back again."""
    row: Any = ledger.with_sums(Charge.objects.filter(pk=charge.pk)).get()
    return int(row.by_card + row.by_bank - row.sent_back - row.going_back)


def missing(charge: Charge) -> int:
    """øre that the charge has not received, or has sent back without a credit."""
    return max(charge.gross - charge.credited - received(charge), 0)


def still_owed(charge: Charge) -> int:
    """øre of an open charge that are still to come."""
    return missing(charge) if charge.state == ChargeState.OPEN else 0


def owed_back(charge: Charge) -> int:
    """øre that the charge received, that are not owed any more and not on their way back."""
    return max(received(charge) - (charge.gross - charge.credited), 0)


def settle(charge: Charge, *, sent_back: int = 0) -> None:
    """A locked open charge is paid once nothing of it is missing. ``sent_back``: øre that it had
    received and that went back before it was known; the credit for them comes next."""
    if charge.state == ChargeState.OPEN and missing(charge) <= sent_back:
        mark_paid(charge)


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


def lock_charges(*references: str) -> list[Charge]:
    """Lock the charges of these references, in the caller's transaction; one reference after the
    other, so that whoever locks several doesn't wait for another who does.

    A payment locks its charge, and then the handler what the charge is for. Whoever wants both
    calls this first, so that the two don't wait for each other.
    """
    charges = Charge.objects.select_for_update().filter(reference__in=references)
    return list(charges.order_by("reference", "created_at", "pk"))


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
