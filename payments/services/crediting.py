"""Taking off a charge again: whole, a part, or what was sent back at Stripe.

A credit is never changed and never undone: it becomes a credit note. Each has a key, so that many
attempts make one. What follows is in the same transaction: the money that was paid by card is sent
back, the handler is told, and a payment page that asks for too much is closed.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Sum

from cms import audit
from cms.audit import SYSTEM, Actor
from payments import money
from payments.models import (
    Charge,
    ChargeState,
    Credit,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from payments.services import charging, refunds
from payments.services.charging import ChargeEvent


class CreditTooLarge(Exception):
    """More than what is left of the charge, or nothing at all."""


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


@transaction.atomic
def credit_by_hand(
    charge: Charge, *, net: int | None, key: str, reason: str, actor: Actor
) -> Credit | None:
    """Credit ``net`` øre excl. VAT, or all that is left (None); what was paid by card is sent back.

    ``key`` makes one credit of many attempts. None when nothing was left. Raises CreditTooLarge.
    """
    charging.lock_charges(charge.reference)
    key = f"by_hand:{charge.pk}:{key}"
    if existing := Credit.objects.filter(key=key).first():
        return existing
    if net is None:
        credit = credit_charge(charge, key=key, reason=reason)
    else:
        credit = credit_part(charge, net=net, key=key, reason=reason)
    if credit is not None:
        audit.record(actor=actor, action="charge.credited_by_hand", subject=charge, reason=reason)
    return credit


def credit_refunds(charge: Charge, payment: Payment, made_at_stripe: Iterable[Refund]) -> None:
    """Credit what was sent back at Stripe and not by us, of a locked charge and payment.

    What was owed back already needs no credit: a refund of ours that failed and was made again
    there, or what was paid above what was owed. Of a payment that does not count (a second one,
    one that needs review) nothing is credited: the charge stands. A refund that failed before it
    was known never was one; one that fails later leaves its credit, and the money is owed.
    """
    if payment.state != PaymentState.SUCCEEDED or payment.is_duplicate:
        return
    for refund in made_at_stripe:
        if refund.state != RefundState.FAILED:
            _credit_refund(charge, payment, refund)


def _credit_refund(charge: Charge, payment: Payment, refund: Refund) -> None:
    key = f"refund:{refund.pk}"
    left, vat_left = _left_of(charge)
    gross = min(refund.amount, charging.missing(charge), left + vat_left)
    if gross <= 0 or Credit.objects.filter(key=key).exists():
        return
    net, vat = _parts_of(charge, gross)
    _take_off(charge, Credit(key=key, net=net, vat=vat, reason=refund.reason), refund=False)
    audit.record(actor=SYSTEM, action="payment.refund_credited", subject=payment, amount=gross)


def _parts_of(charge: Charge, gross: int) -> tuple[int, int]:
    """(net, VAT) of ``gross`` øre of what is left of the charge, in the charge's proportion; the
    last part takes the remainder of both."""
    left, vat_left = _left_of(charge)
    if gross == left + vat_left:
        return left, vat_left
    vat = min(money.share_of(gross, charge.vat, charge.gross), vat_left)
    net = min(gross - vat, left)
    return net, gross - net


def left_to_credit(charge: Charge) -> int:
    """øre excl. VAT that were not taken off yet."""
    return _left_of(charge)[0]


def _left_of(charge: Charge) -> tuple[int, int]:
    """(net, VAT) that were not taken off yet."""
    earlier = charge.credits.aggregate(net=Sum("net", default=0), vat=Sum("vat", default=0))
    return charge.net - earlier["net"], charge.vat - earlier["vat"]


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
    charging.expect_document(charge)
    # A payment page that stands open asks for what was owed before.
    charging.expect_no_payment(charge)
    if refund:
        _refund_payments(charge, credit, is_whole=is_whole)
    event = ChargeEvent.CREDITED if is_whole else ChargeEvent.PARTLY_CREDITED
    charging.charge_handler()(charge=charge, event=event)
    # What came before the credit may be enough now.
    charging.settle(charge)
    return credit


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
