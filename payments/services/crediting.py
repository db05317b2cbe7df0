"""Finance credits a charge by hand."""

from django.db import transaction

from cms import audit
from cms.audit import Actor
from payments.models import Charge, Credit
from payments.services import charging


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
        credit = charging.credit_charge(charge, key=key, reason=reason)
    else:
        credit = charging.credit_part(charge, net=net, key=key, reason=reason)
    if credit is not None:
        audit.record(actor=actor, action="charge.credited_by_hand", subject=charge, reason=reason)
    return credit
