"""A charge handler that remembers what it was told, in the transaction in which it was told."""

from cms.audit import SYSTEM, AuditEntry, record, reference
from payments.models import Charge
from payments.services.charging import ChargeEvent

#: As many of the next calls fail, after they wrote.
failures: list[Exception] = []


def charge_changed(*, charge: Charge, event: ChargeEvent, former: Charge | None = None) -> None:
    record(actor=SYSTEM, action=event.value, subject=charge)
    if failures:
        raise failures.pop()


def told(charge: Charge) -> list[str]:
    """The events of a charge that were committed, oldest first."""
    entries = AuditEntry.objects.filter(subject=reference(charge)).order_by("pk")
    return list(entries.values_list("action", flat=True))
