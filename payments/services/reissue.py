"""Correcting whom an invoice is made out to: credited whole, and made anew for the right buyer.

An issued document is never changed. Of an unpaid e-invoice charge what is left is credited, and a
charge with the same lines, period and purpose and the next revision of the key takes its place.
The handler hears ``ChargeEvent.REISSUED`` of the new charge, to follow the key.
"""

from collections.abc import Sequence

from django.db import transaction

from cms import audit
from cms.audit import Actor
from payments.models import Charge, ChargeState, PaymentMethod
from payments.services import charging, crediting
from payments.services.charging import ChargeEvent, Line


class NotReissuable(Exception):
    """Paid (in part), credited, or to be paid by card: there is nothing to make out anew."""


def is_reissuable(charge: Charge) -> bool:
    """Nothing of it was paid: money that has come would belong to neither charge."""
    return (
        charge.state == ChargeState.OPEN
        and charge.method == PaymentMethod.INVOICE
        and not charge.transfers.exists()
    )


@transaction.atomic
def credit_and_reissue(
    charge: Charge, *, buyer: dict[str, str], reason: str, actor: Actor
) -> Charge:
    """Credit the charge whole and charge the corrected buyer; a job issues both documents.

    ``buyer``: every field of ``Buyer``. Raises NotReissuable, also when somebody was faster.
    """
    charging.lock_charges(charge.reference)
    charge = Charge.objects.select_for_update().get(pk=charge.pk)
    if not is_reissuable(charge):
        raise NotReissuable
    lines = _lines_left(charge)
    crediting.credit_charge(charge, key=f"reissue:{charge.pk}", reason=reason, refund=False)
    charge.refresh_from_db()
    period = None
    if charge.period_start and charge.period_end:
        period = (charge.period_start, charge.period_end)
    new = charging.create_charge(
        key=next_revision(charge.key),
        reference=charge.reference,
        scope=charge.scope,
        scope_label=charge.scope_label,
        description=charge.description,
        method=charge.method,
        lines=lines,
        buyer=buyer,
        period=period,
    )
    changed = [name for name, value in charge.buyer().items() if buyer[name] != value]
    audit.record(actor=actor, action="charge.reissued", subject=charge, fields=changed)
    audit.record(actor=actor, action="charge.made_by_reissue", subject=new)
    charging.charge_handler()(charge=new, event=ChargeEvent.REISSUED, former=charge)
    return new


def next_revision(key: str) -> str:
    """The key with its trailing number raised to the next that is free; without one it gets 2."""
    head, separator, number = key.rpartition(":")
    if not (separator and number.isdigit()):
        head, number = key, "1"
    revision = int(number) + 1
    while Charge.objects.filter(key=f"{head}:{revision}").exists():
        revision += 1
    return f"{head}:{revision}"


def _lines_left(charge: Charge) -> Sequence[Line]:
    """The charge's lines; of one credited in part before, what is left of it, a line a VAT rate."""
    lines = [
        Line(
            line.description,
            line.quantity,
            line.unit_price,
            line.vat_rate,
            line.vat_exemption_reason,
        )
        for line in charge.lines.all()
    ]
    left = crediting.left_to_credit(charge)
    if left == charge.net:
        return lines
    reasons = {line.vat_rate: line.vat_exemption_reason for line in lines}
    shares = crediting.shares_by_rate(charge, left)
    return [
        Line(charge.description, 1, share, rate, reasons[rate])
        for rate, share in shares.items()
        if share
    ]
