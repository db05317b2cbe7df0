"""Reminding of an overdue invoice before its next reminder is due, because somebody says so."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.audit import Actor
from payments.invoice_document import DocumentKind
from payments.models import Charge, ChargeState, Invoice, seller_settings
from payments.services import dunning
from payments.services.dunning import NextReminder

#: From one reminder to the next, whoever sends them (renteloven § 9 b, stk. 2).
DAYS_APART = 10


class NotRemindable(Exception):
    """``reason`` is translated, for whoever wanted to remind."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def reminder_now(invoice: Invoice, days: Sequence[int]) -> NextReminder:
    """The reminder that would be sent now. Raises NotRemindable, saying why none can be.

    Reads the invoice's charge, reminders and stop, which a caller of many has at hand.
    """
    today = timezone.localdate()
    following = dunning.next_reminder(invoice, days) if invoice.due_on else None
    sent = [row.sent_on for row in invoice.reminders.all()]
    obstacles = (
        (not _is_overdue(invoice), _("Is not overdue")),
        (dunning.is_stopped(invoice), _("Reminders are stopped")),
        (not invoice.charge.buyer_email, _("Has no e-mail address to remind")),
        (not days, _("Reminders are not turned on in the payment settings")),
        (following is None, _("Has had its last reminder")),
        (
            bool(sent) and max(sent, default=today) + timedelta(days=DAYS_APART) > today,
            _("Was reminded less than ten days ago"),
        ),
        (dunning.is_for_fee(invoice), _("Is itself the fee for a reminder")),
    )
    for stands_in_the_way, reason in obstacles:
        if stands_in_the_way:
            raise NotRemindable(reason)
    assert following is not None, "Said above."
    return following


def _is_overdue(invoice: Invoice) -> bool:
    return (
        invoice.kind == DocumentKind.INVOICE
        and invoice.charge.state == ChargeState.OPEN
        and invoice.due_on is not None
        and invoice.due_on < timezone.localdate()
    )


@transaction.atomic
def remind_now(invoice: Invoice, *, actor: Actor) -> int:
    """Send the invoice's next reminder today; returns which. Raises NotRemindable."""
    _organisation, settings = seller_settings()
    Charge.objects.select_for_update().get(pk=invoice.charge_id)
    found = Invoice.objects.select_related("charge", "reminders_stopped").get(pk=invoice.pk)
    following = reminder_now(found, settings.reminder_days)
    dunning.send_reminder(found, following.step, settings, actor=actor)
    return following.step
