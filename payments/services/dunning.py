"""Reminding of overdue invoices, by "due and not yet done". No place is ever freed by an invoice
that isn't paid.

A reminder costs the buyer a fee where the site has set one: at most 100 kr., of three reminders,
ten days apart (renteloven § 9 b, stk. 2). It is damages and no sale, so that no VAT is on it. A fee
is a charge of its own with an invoice of its own; of that nobody is reminded, and nothing is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
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
    PaymentMethod,
    PaymentReminder,
    PaymentSettings,
    RemindersStopped,
    seller_settings,
)
from payments.models.settings import LARGEST_FEE
from payments.services import charging
from payments.services.charging import Line, still_owed
from payments.services.files import PDF, file_of

#: Reminders of one invoice that may cost a fee.
FEES = 3

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
        .select_related("charge__fee_of", "reminders_stopped")
        .prefetch_related("reminders")
        .order_by("due_on", "sequence")
    )


def next_reminder(invoice: Invoice, days: Sequence[int]) -> NextReminder | None:
    """The reminder that comes next, and the day from which it is due; None after the last, and of
    a reminder's fee.

    Each waits its distance from the one before it, also when that was sent late: an invoice long
    overdue when reminders are turned on begins with the first. ``days`` after the due date, a step
    each.
    """
    assert invoice.due_on is not None
    if is_for_fee(invoice):
        return None
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
    return sum(_remind(invoice, settings) for invoice in overdue())


def is_for_fee(invoice: Invoice) -> bool:
    """It is a reminder's fee itself: nobody is reminded of it."""
    return hasattr(invoice.charge, "fee_of")


@transaction.atomic
def _remind(invoice: Invoice, settings: PaymentSettings) -> int:
    """Read again under the charge's lock: it may have been paid or reminded of meanwhile."""
    Charge.objects.select_for_update().get(pk=invoice.charge_id)
    found = overdue().filter(pk=invoice.pk).first()
    if found is None or is_stopped(found) or not found.charge.buyer_email:
        return 0
    following, today = next_reminder(found, settings.reminder_days), timezone.localdate()
    if following is None or following.due_on > today:
        return 0
    send_reminder(found, following.step, settings, actor=SYSTEM)
    return 1


def send_reminder(invoice: Invoice, step: int, settings: PaymentSettings, *, actor: Actor) -> None:
    """Write down and mail the reminder, with its fee, of an invoice whose charge is locked."""
    fee = _charge_fee(invoice, step, settings)
    PaymentReminder.objects.create(
        invoice=invoice, step=step, sent_on=timezone.localdate(), fee=fee
    )
    _mail(invoice, step, fee.gross if fee else 0)
    audit.record(actor=actor, action="invoice.reminded", subject=invoice, step=step)


def _charge_fee(invoice: Invoice, step: int, settings: PaymentSettings) -> Charge | None:
    if not settings.reminder_fee or step > FEES:
        return None
    owed = invoice.charge
    line = Line(
        _t("Fee for reminder %(step)s of invoice %(number)s")
        % {"step": step, "number": invoice.number},
        quantity=1,
        unit_price=min(settings.reminder_fee, LARGEST_FEE),
        vat_rate=0,
        vat_exemption_reason=_t("Reminder fee, outside VAT"),
    )
    return charging.create_charge(
        key=f"reminder_fee:{invoice.pk}:{step}",
        reference=owed.reference,
        scope=owed.scope,
        scope_label=owed.scope_label,
        description=line.description,
        method=PaymentMethod.INVOICE,
        lines=[line],
        buyer=owed.buyer(),
    )


def _mail(invoice: Invoice, step: int, fee: int) -> None:
    charge, file = invoice.charge, file_of(invoice, PDF)
    outbox.put(
        key=f"invoice_reminder:{invoice.pk}:{step}",
        template=f"invoice_reminder_{step}",
        to=(charge.buyer_contact or charge.buyer_name, charge.buyer_email),
        context=_context(invoice, still_owed(charge), fee),
        about=charge.reference,
        scope=charge.scope,
        attachments=(Attachment(file.name, file.content_type, file.content),),
    )


def _context(invoice: Invoice, owed: int, fee: int) -> Context:
    return {
        "number": invoice.number,
        "what": invoice.charge.description,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "owed": owed,
        "fee": fee,
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
    Placeholder(
        "rykkergebyr",
        _("the fee of the reminder, which is invoiced by itself; empty without one"),
        lambda c: money.format_kroner(c["fee"]) if c["fee"] else "",
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
        "fee": 10_000,
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
