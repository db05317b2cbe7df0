"""Marking many charges as paid, issuing what is held back, and reminding of many invoices."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms import audit, queue
from cms.audit import Actor
from cms.backoffice.bulk import BulkActionView, Prospect
from payments import money
from payments.backoffice.settling import ReceivedForm, can_be_settled
from payments.models import Charge, ChargeState, Invoice, seller_settings
from payments.policies import charge_policy, invoice_policy
from payments.services import invoicing, ledger, reminding
from payments.services.bank import settle_outside_stripe
from payments.services.invoicing import NotIssuable
from payments.services.reminding import NotRemindable

#: Carries out any of the bulk actions: its run says which.
CARRY_OUT = queue.Job("payments.carry_out_many")


class NotSettled(Exception):
    """The charge is not one that a bank transfer pays, any more."""


def _owed(charge: Any) -> int:
    """øre still to come of an open charge that ``ledger.with_sums`` has read."""
    received = charge.by_card + charge.by_bank - charge.sent_back - charge.going_back
    return max(int(charge.gross - charge.credited - received), 0)


class SettleManyView(BulkActionView):
    """Finance saw the money of many charges on the account, on one day."""

    name = "settle_many"
    path = "bulk/settle"
    policy = charge_policy
    permission = "change"
    label = _("Mark as paid by bank")
    submit_format = _("Mark %(number)s as paid")
    icon_name = "check"
    form_class = ReceivedForm
    refusals = (NotSettled,)
    job = CARRY_OUT

    def get_initial(self) -> dict[str, Any]:
        return {"received_on": timezone.localdate()}

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return ledger.with_sums(rows)

    def explanation(self) -> str:
        owed = sum(_owed(each.row) for each in self.outlook if each.possible)
        return _t("In all %(amount)s has reached the bank account.") % {
            "amount": money.format_kroner(owed)
        }

    def prospects(self, rows: Sequence[Charge]) -> list[Prospect]:
        return [self._prospect(row) for row in rows]

    @staticmethod
    def _prospect(row: Charge) -> Prospect:
        if can_be_settled(row):
            return Prospect(row, _t("Is marked as paid, with all that is still owed"))
        if row.state != ChargeState.OPEN:
            text = _t("Its state is: %(state)s") % {"state": row.get_state_display()}
        else:
            text = _t("Is paid by card, through Stripe")
        return Prospect(row, text, possible=False)

    def start(self, data: dict[str, Any]) -> Any:
        return super().start({"received_on": data["received_on"].isoformat()})

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        charge = Charge.objects.select_for_update().get(pk=key)
        if not can_be_settled(charge):
            raise NotSettled
        received_on = date.fromisoformat(data["received_on"])
        if settle_outside_stripe(charge, received_on=received_on, actor=actor):
            audit.record(actor=actor, action="charge.settled_by_bank", subject=charge)
        return _t("Marked as paid")

    def refusal_text(self, error: Exception) -> Any:
        return _("That can't be done now: the state has changed.")


class IssueManyView(BulkActionView):
    """What a broken rule has held back is issued as soon as it is mended; this does it now, and
    says what is still missing."""

    name = "issue_many"
    path = "bulk/issue"
    policy = charge_policy
    permission = "change"
    label = _("Issue invoices")
    submit_format = _("Issue %(number)s")
    icon_name = "doc-full-inverse"
    refusals = (NotIssuable,)
    job = CARRY_OUT

    def prospects(self, rows: Sequence[Charge]) -> list[Prospect]:
        due = set(
            invoicing.charges_to_invoice()
            .filter(pk__in=[row.pk for row in rows])
            .values_list("pk", flat=True)
        )
        return [self._prospect(row, is_due=row.pk in due) for row in rows]

    @staticmethod
    def _prospect(row: Charge, *, is_due: bool) -> Prospect:
        if not is_due:
            return Prospect(row, _t("Has its invoice, or needs none"), possible=False)
        if row.invoice_problem:
            text = _t("Is tried again. Missing the last time: %(problem)s")
            return Prospect(row, text % {"problem": row.invoice_problem})
        return Prospect(row, _t("Its invoice is issued, and sent if it is an e-invoice"))

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        invoice = invoicing.issue_invoice(Charge.objects.get(pk=key))
        if invoice is None:
            return _t("Had its invoice already")
        audit.record(actor=actor, action="invoice.issued_by_hand", subject=invoice)
        return _t("Issued")

    def refusal_text(self, error: Exception) -> Any:
        return str(error)


class RemindManyView(BulkActionView):
    """The next reminder of each, today, however many days there were to be till then."""

    name = "remind_many"
    path = "bulk/remind"
    policy = invoice_policy
    permission = "change"
    label = _("Remind now")
    submit_format = _("Send %(number)s reminders")
    icon_name = "mail"
    refusals = (NotRemindable,)
    job = CARRY_OUT

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("charge", "reminders_stopped").prefetch_related("reminders")

    def prospects(self, rows: Sequence[Invoice]) -> list[Prospect]:
        _organisation, settings = seller_settings()
        return [self._prospect(row, settings.reminder_days) for row in rows]

    @staticmethod
    def _prospect(row: Invoice, days: Sequence[int]) -> Prospect:
        try:
            following = reminding.reminder_now(row, days)
        except NotRemindable as refusal:
            return Prospect(row, refusal.reason, possible=False)
        return Prospect(row, _t("Gets reminder number %(step)s") % {"step": following.step})

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        step = reminding.remind_now(Invoice.objects.get(pk=key), actor=actor)
        return _t("Reminder number %(step)s is in the outbox") % {"step": step}

    def refusal_text(self, error: Exception) -> Any:
        return error.reason if isinstance(error, NotRemindable) else str(error)
