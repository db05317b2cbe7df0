"""Reminding of overdue invoices, by "due and not yet done". Nothing else follows: no fee is
charged, and no place is ever freed by an invoice that isn't paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cms import audit
from cms.audit import SYSTEM, Actor
from cms.messages import kinds, outbox
from cms.messages.kinds import Context, Group, MessageKind, Placeholder
from cms.messages.outbox import Attachment
from payments import money
from payments.invoice_document import DocumentKind
from payments.models import (
    Charge,
    ChargeState,
    Invoice,
    PaymentReminder,
    RemindersStopped,
    seller_settings,
)
from payments.services.bank import still_owed
from payments.services.files import PDF, file_of

INVOICES = Group(8, _("Overdue invoices"))


@dataclass(frozen=True)
class NextReminder:
    """``step`` counts from 1."""

    step: int
    due_on: date


def overdue(today: date | None = None) -> QuerySet[Invoice]:
    """Invoices whose charge is open after the due date, the oldest first."""
    return (
        Invoice.objects.filter(
            kind=DocumentKind.INVOICE,
            charge__state=ChargeState.OPEN,
            due_on__lt=today or timezone.localdate(),
        )
        .select_related("charge", "reminders_stopped")
        .prefetch_related("reminders")
        .order_by("due_on", "sequence")
    )


def next_reminder(invoice: Invoice, days: Sequence[int]) -> NextReminder | None:
    """The reminder that comes next, and the day from which it is due; None after the last.

    Each waits its distance from the one before it, also when that was sent late: an invoice long
    overdue when reminders are turned on begins with the first. ``days`` after the due date, a step
    each.
    """
    assert invoice.due_on is not None
    sent = list(invoice.reminders.all())
    step = max((row.step for row in sent), default=0) + 1
    if step > len(days):
        return None
    due_on = invoice.due_on + timedelta(days=days[step - 1])
    if sent:
        distance = timedelta(days=days[step - 1] - days[step - 2])
        due_on = max(due_on, max(row.sent_on for row in sent) + distance)
    return NextReminder(step, due_on)


def is_stopped(invoice: Invoice) -> bool:
    return hasattr(invoice, "reminders_stopped")


def remind_due() -> int:
    """Send every reminder that is due and was not sent; returns how many."""
    _organisation, settings = seller_settings()
    if not settings.reminder_days:
        return 0
    return sum(_remind(invoice, settings.reminder_days) for invoice in overdue())


@transaction.atomic
def _remind(invoice: Invoice, days: Sequence[int]) -> int:
    """Read again under the charge's lock: it may have been paid or reminded of meanwhile."""
    Charge.objects.select_for_update().get(pk=invoice.charge_id)
    found = overdue().filter(pk=invoice.pk).first()
    if found is None or is_stopped(found) or not found.charge.buyer_email:
        return 0
    following, today = next_reminder(found, days), timezone.localdate()
    if following is None or following.due_on > today:
        return 0
    PaymentReminder.objects.create(invoice=found, step=following.step, sent_on=today)
    _mail(found, following.step)
    audit.record(actor=SYSTEM, action="invoice.reminded", subject=found, step=following.step)
    return 1


def _mail(invoice: Invoice, step: int) -> None:
    charge, file = invoice.charge, file_of(invoice, PDF)
    outbox.put(
        key=f"invoice_reminder:{invoice.pk}:{step}",
        template=f"invoice_reminder_{step}",
        to=(charge.buyer_contact or charge.buyer_name, charge.buyer_email),
        context=_context(invoice, still_owed(charge)),
        about=charge.reference,
        scope=charge.scope,
        attachments=(Attachment(file.name, file.content_type, file.content),),
    )


def _context(invoice: Invoice, owed: int) -> Context:
    return {
        "number": invoice.number,
        "what": invoice.charge.description,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "owed": owed,
    }


@transaction.atomic
def stop(invoice: Invoice, *, actor: Actor, reason: str) -> None:
    """Send no more reminders of this invoice."""
    _row, created = RemindersStopped.objects.get_or_create(
        invoice=invoice, defaults={"reason": reason, "stopped_by": actor.user}
    )
    if created:
        audit.record(
            actor=actor, action="invoice.reminders_stopped", subject=invoice, reason=reason
        )


@transaction.atomic
def resume(invoice: Invoice, *, actor: Actor) -> None:
    deleted, _rows = RemindersStopped.objects.filter(invoice=invoice).delete()
    if deleted:
        audit.record(actor=actor, action="invoice.reminders_resumed", subject=invoice)


# The kinds of message --------------------------------------------------------------------------


def _day(name: str) -> Placeholder:
    labels = {"issued_on": _("the day of issue"), "due_on": _("the due date")}
    names = {"issued_on": "udstedt", "due_on": "forfaldsdato"}
    return Placeholder(
        names[name], labels[name], lambda context: date_format(context[name], "DATE_FORMAT")
    )


_PLACEHOLDERS = (
    Placeholder("modtager", _("the recipient's name"), "to_name"),
    Placeholder("fakturanummer", _("the invoice's number"), "number", required=True),
    Placeholder("ydelse", _("what the invoice is for"), "what"),
    Placeholder(
        "skyldigt beløb", _("what is still owed"), lambda c: money.format_kroner(c["owed"])
    ),
    _day("issued_on"),
    _day("due_on"),
)


def _sample(row: object) -> Context:
    today = timezone.localdate()
    return {
        "number": "2027-00042",
        "what": str(_("Membership")),
        "issued_on": today - timedelta(days=40),
        "due_on": today - timedelta(days=10),
        "owed": 875_000,
    }


kinds.register(
    *(
        MessageKind(
            f"invoice_reminder_{step}",
            group=INVOICES,
            label=label,
            sent=_("On the day that the payment settings say, while the invoice is not paid."),
            to=_("The invoice's e-mail address"),
            placeholders=_PLACEHOLDERS,
            sample=_sample,
        )
        for step, label in enumerate(
            (_("First reminder"), _("Second reminder"), _("Third reminder")), start=1
        )
    )
)
