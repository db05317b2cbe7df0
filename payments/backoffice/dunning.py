"""Overdue invoices in the administration: how long, what was sent and what comes next."""

from typing import Any

from django import forms
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from cms.audit import Actor
from cms.backoffice.rows import ActionView, BackofficeView
from payments import money
from payments.models import ChargeState, Invoice, seller_settings
from payments.policies import invoice_policy
from payments.services import dunning
from payments.services.charging import still_owed


class OverdueView(BackofficeView):
    """Every overdue invoice that the user may see, the oldest first."""

    name = "overdue"
    label = _("Overdue invoices")
    icon_name = "warning"
    template_name = "payments/backoffice/overdue.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        _organisation, settings = seller_settings()
        visible = invoice_policy.instances_user_has_permission_for(request.user, "view")
        rows = dunning.overdue().filter(pk__in=visible.values("pk"))
        lines = [self._line(invoice, settings.reminder_days) for invoice in rows]
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                lines=lines,
                total=money.format_kroner(sum(line["owed_amount"] for line in lines)),
                is_reminding=bool(settings.reminder_days),
            )
        )
        return response

    def _line(self, invoice: Invoice, days: tuple[int, ...]) -> dict[str, Any]:
        assert invoice.due_on is not None
        owed = still_owed(invoice.charge)
        return {
            "invoice": invoice,
            "url": self.model_admin.row_url("inspect", quote(invoice.pk)),
            "days": (timezone.localdate() - invoice.due_on).days,
            "owed": money.format_kroner(owed),
            "owed_amount": owed,
            "sent": len(invoice.reminders.all()),
            "stopped": invoice.reminders_stopped.reason if dunning.is_stopped(invoice) else "",
            "next": dunning.next_reminder(invoice, days),
            "has_address": bool(invoice.charge.buyer_email),
        }


class OverdueEntry:
    """The overdue invoices' place in the menu."""

    def __init__(self, invoices: Any) -> None:
        self.invoices = invoices

    def get_menu_item(self, order: int) -> MenuItem:
        return _OverdueItem(
            OverdueView.label,
            self.invoices.row_url(OverdueView.name),
            name="overdue",
            icon_name=OverdueView.icon_name,
            order=order,
        )


class _OverdueItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(invoice_policy.user_has_permission(request.user, "view"))


class StopForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)


class _ReminderAction(ActionView):
    is_secondary = True

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("charge", "reminders_stopped")

    @property
    def actor(self) -> Actor:
        return Actor.by(self.request.user)  # type: ignore[arg-type]


class StopRemindersView(_ReminderAction):
    name = "stop-reminders"
    label = _("Stop reminders")
    icon_name = "cross"
    form_class = StopForm
    success_message = _("No more reminders of this invoice are sent.")

    @classmethod
    def fits(cls, instance: Invoice) -> bool:
        is_owed = instance.kind == "invoice" and instance.charge.state == ChargeState.OPEN
        return is_owed and not dunning.is_stopped(instance)

    def explanation(self) -> str:
        return _t("The invoice stays owed and stays among the overdue ones.")

    def perform(self, data: dict[str, Any]) -> None:
        dunning.stop(self.instance, actor=self.actor, reason=data["reason"])


class ResumeRemindersView(_ReminderAction):
    name = "resume-reminders"
    label = _("Resume reminders")
    icon_name = "resubmit"
    success_message = _("Reminders of this invoice are sent again.")

    @classmethod
    def fits(cls, instance: Invoice) -> bool:
        return dunning.is_stopped(instance)

    def explanation(self) -> str:
        return _t("Stopped because: %(reason)s") % {
            "reason": self.instance.reminders_stopped.reason
        }

    def perform(self, data: dict[str, Any]) -> None:
        dunning.resume(self.instance, actor=self.actor)
