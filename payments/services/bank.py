"""Bank transfers: taken in from a statement, matched with charges, and taken back when wrong.

A match is by the invoice's number or its payment slip in the text, or by the amount alone; only
the sure ones are offered to be confirmed together. A person confirms every match.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cms import audit
from cms.audit import SYSTEM, Actor
from payments.models import (
    BankTransfer,
    Charge,
    ChargeState,
    Invoice,
    TransferState,
)
from payments.services import charging
from payments.statements import StatementRow


class Certainty(StrEnum):
    #: The number or the payment slip, and the amount.
    SURE = "sure"
    #: The number, another amount.
    OTHER_AMOUNT = "other_amount"
    #: The amount alone, of one open charge.
    AMOUNT = "amount"


@dataclass(frozen=True)
class Suggestion:
    charge: Charge
    certainty: Certainty


class NotMatchable(Exception):
    """The transfer is matched already, or the charge is not to be paid by bank."""


@transaction.atomic
def take_in(rows: Iterable[StatementRow], *, actor: Actor) -> tuple[int, int]:
    """Write down the statement's incoming money; returns (new, known before)."""
    incoming = [row for row in rows if row.amount > 0]
    known = set(
        BankTransfer.objects.filter(key__in=[row.key for row in incoming]).values_list(
            "key", flat=True
        )
    )
    new = [
        BankTransfer(key=row.key, received_on=row.received_on, amount=row.amount, text=row.text)
        for row in incoming
        if row.key not in known
    ]
    BankTransfer.objects.bulk_create(new, ignore_conflicts=True)
    for transfer in BankTransfer.objects.filter(key__in=[row.key for row in new]):
        audit.record(actor=actor, action="transfer.taken_in", subject=transfer)
    return len(new), len(incoming) - len(new)


def open_charges() -> QuerySet[Charge]:
    """Charges that a transfer may pay."""
    return Charge.objects.filter(state=ChargeState.OPEN, invoices__kind="invoice")


def suggestion_for(transfer: BankTransfer) -> Suggestion | None:
    """The charge that the transfer most likely pays; None when nothing speaks for any."""
    named = _named(transfer.text)
    if named is not None:
        is_exact = charging.still_owed(named) == transfer.amount
        return Suggestion(named, Certainty.SURE if is_exact else Certainty.OTHER_AMOUNT)
    same = [charge for charge in _of_amount(transfer.amount) if charging.received(charge) == 0]
    return Suggestion(same[0], Certainty.AMOUNT) if len(same) == 1 else None


def _of_amount(amount: int) -> list[Charge]:
    return list(open_charges().filter(gross=amount, credited=0)[:2])


def _named(text: str) -> Charge | None:
    """The open charge whose invoice the payer named, by number or by payment slip."""
    words = set(re.findall(r"[A-Za-zÆØÅæøå]*[0-9][0-9-]*", text))
    slips = set(re.findall(r"[0-9]{15}", text))
    found = (
        Invoice.objects.filter(kind="invoice", number__in=words)
        | Invoice.objects.filter(kind="invoice", content__fik__in=slips)
    ).filter(charge__state=ChargeState.OPEN)
    invoices = list(found.select_related("charge")[:2])
    return invoices[0].charge if len(invoices) == 1 else None


@transaction.atomic
def match(transfer: BankTransfer, charge: Charge, *, actor: Actor) -> None:
    """Let the transfer pay the charge: it is paid once all that is owed has come.

    Too little leaves the rest owed; too much is an overpayment that the ledger shows. Raises
    NotMatchable.
    """
    charge = Charge.objects.select_for_update().get(pk=charge.pk)
    locked = BankTransfer.objects.select_for_update().get(pk=transfer.pk)
    if locked.state == TransferState.MATCHED or charge.state == ChargeState.CREDITED:
        raise NotMatchable
    locked.state = TransferState.MATCHED
    locked.charge = charge
    locked.matched_at = timezone.now()
    locked.matched_by = actor.user
    locked.matches += 1
    locked.save(update_fields=["state", "charge", "matched_at", "matched_by", "matches"])
    audit.record(actor=actor, action="transfer.matched", subject=locked, charge=str(charge.pk))
    charging.settle(charge)
    # A payment page that stands open asks for what was owed before.
    charging.expect_no_payment(charge)


@transaction.atomic
def unmatch(transfer: BankTransfer, *, actor: Actor, reason: str) -> None:
    """Take a wrong match back: what it had paid is owed again. Raises NotMatchable."""
    key = BankTransfer.objects.values_list("charge_id", flat=True).get(pk=transfer.pk)
    charge = Charge.objects.select_for_update().filter(pk=key).first()
    locked = BankTransfer.objects.select_for_update().get(pk=transfer.pk)
    if locked.state != TransferState.MATCHED or charge is None or locked.charge_id != charge.pk:
        raise NotMatchable
    locked.state = TransferState.UNMATCHED
    locked.charge = None
    locked.matched_at = locked.matched_by = None
    locked.save(update_fields=["state", "charge", "matched_at", "matched_by"])
    audit.record(
        actor=actor,
        action="transfer.unmatched",
        subject=locked,
        reason=reason,
        charge=str(charge.pk),
    )
    if charge.state == ChargeState.PAID:
        _reopen(charge)


@transaction.atomic
def ignore(transfer: BankTransfer, *, actor: Actor, reason: str) -> None:
    """Say that the money is for no charge of ours. Raises NotMatchable."""
    locked = BankTransfer.objects.select_for_update().get(pk=transfer.pk)
    if locked.state != TransferState.UNMATCHED:
        raise NotMatchable
    locked.state = TransferState.IGNORED
    locked.save(update_fields=["state"])
    audit.record(actor=actor, action="transfer.ignored", subject=locked, reason=reason)


def settle_outside_stripe(
    charge: Charge, *, received_on: date | None = None, actor: Actor = SYSTEM
) -> BankTransfer | None:
    """Finance saw the money on the account: all that is still owed was received, today unless said.

    None when nothing is owed: pressed twice it is recorded once.
    """
    with transaction.atomic():
        charge = Charge.objects.select_for_update().get(pk=charge.pk)
        owed = charging.still_owed(charge)
        if owed == 0:
            return None
        transfer = BankTransfer.objects.create(
            key=f"by-hand:{charge.pk}:{charge.transfers.count() + 1}",
            received_on=received_on or timezone.localdate(),
            amount=owed,
        )
        match(transfer, charge, actor=actor)
    return transfer


def _reopen(charge: Charge) -> None:
    """A locked charge that was paid by a transfer taken back is owed again."""
    if charging.missing(charge) == 0:
        return
    charge.state = ChargeState.OPEN
    charge.paid_at = None
    charge.save(update_fields=["state", "paid_at"])
