"""Payments through Stripe in the administration."""

from typing import Any

import django_filters
from django import forms
from django.contrib.admin.utils import quote
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column

from cms import audit
from cms.audit import Actor
from cms.backoffice.admin import RowAdmin
from cms.backoffice.history import history_of
from cms.backoffice.listing import DayColumn, RowIndexView, StatusColumn, status_tag
from cms.backoffice.rows import ActionView, InspectView
from cms.backoffice.saved_views import StandingView
from cms.backoffice.spreadsheets import ExportColumn
from payments import money
from payments.backoffice.review import AcceptView, CloseReviewView, ReturnView, SendBackView
from payments.backoffice.wording import (
    ACTION_LABELS,
    dispute_facts,
    dispute_text,
    payment_tone,
    refund_lines,
    when,
)
from payments.gateway import GatewayError, dashboard_url
from payments.models import AWAITS_EVIDENCE, Payment, PaymentState
from payments.policies import charge_policy, payment_policy
from payments.services.checkout import sync_payment
from payments.services.refunds import payments_to_send_back, to_send_back


class PaymentFilters(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label=_("State"),
        choices=PaymentState.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    attention = django_filters.ChoiceFilter(
        label=_("To do"),
        choices=[
            ("review", _("Needs review")),
            ("duplicate", _("Paid twice")),
            ("owed_back", _("To be sent back")),
            ("dispute", _("Disputed")),
            ("evidence", _("Disputed, awaits our evidence")),
        ],
        empty_label=_("All"),
        method="needing",
        widget=forms.RadioSelect,
    )
    created_at = django_filters.DateFromToRangeFilter(
        label=_("Created"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Payment
        fields: list[str] = []

    def needing(self, payments: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        conditions = {
            "review": Q(state=PaymentState.NEEDS_REVIEW),
            "duplicate": Q(is_duplicate=True),
            "owed_back": Q(pk__in=payments_to_send_back().values("pk")),
            "dispute": ~Q(dispute_state=""),
            "evidence": Q(dispute_state__in=AWAITS_EVIDENCE),
        }
        return payments.filter(conditions[value])


def amount_text(payment: Payment) -> str:
    return money.format_kroner(payment.amount)


class PaymentIndexView(RowIndexView):
    title_column = ("charge.buyer_name", _("Buyer"))
    title_sort_key = "charge__buyer_name"
    default_ordering = "-created_at"
    related = ("charge",)
    menu_needs = ("refunds",)
    search_fields = (
        "charge__description",
        "charge__buyer_name",
        "session_id",
        "payment_intent_id",
    )
    filterset_class = PaymentFilters
    export_filename = "betalinger"
    standing_views = (
        StandingView(_("Needs review"), "attention=review"),
        StandingView(_("Paid twice"), "attention=duplicate"),
        StandingView(_("Disputed"), "attention=dispute"),
    )
    row_columns = (
        Column(
            "charge",
            classname="backoffice-wide",
            label=_("Charge"),
            accessor="charge.description",
            sort_key="charge__description",
        ),
        Column(
            "amount",
            classname="backoffice-number",
            label=_("Amount"),
            accessor=amount_text,
            sort_key="amount",
        ),
        StatusColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            sort_key="state",
            tone=payment_tone,
        ),
        DayColumn("created_at", label=_("Created"), sort_key="created_at"),
        DayColumn("paid_at", label=_("Paid"), sort_key="paid_at"),
        Column("dispute", label=_("Dispute"), accessor=dispute_text, sort_key="dispute_due_by"),
    )

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        return [
            ExportColumn(str(_("Charge")), lambda row: row.charge.description),
            ExportColumn(str(_("Network")), lambda row: row.charge.scope_label),
            ExportColumn(str(_("Buyer")), lambda row: row.charge.buyer_name),
            ExportColumn(str(_("State")), lambda row: row.get_state_display()),
            ExportColumn(str(_("Amount")), lambda row: row.amount / 100),
            ExportColumn(str(_("Created")), lambda row: row.created_at),
            ExportColumn(str(_("Paid")), lambda row: row.paid_at),
            ExportColumn(str(_("Dispute")), lambda row: row.dispute_state),
            ExportColumn(str(_("Answer the dispute by")), lambda row: row.dispute_due_by),
            ExportColumn(str(_("Stripe session")), lambda row: row.session_id),
            ExportColumn(str(_("Stripe payment")), lambda row: row.payment_intent_id),
        ]


class PaymentInspectView(InspectView):
    template_name = "payments/backoffice/payment.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("charge")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        payment = self.instance
        owed = to_send_back(payment)
        facts = [
            (_("Amount"), amount_text(payment)),
            (_("Buyer"), payment.charge.buyer_name),
            (_("Created"), when(payment.created_at)),
            (_("Expires"), when(payment.expires_at)),
            (_("Paid"), when(payment.paid_at)),
            (_("Needs review because"), payment.review_reason),
            (_("Paid twice"), _("Yes") if payment.is_duplicate else ""),
            (_("To be sent back"), money.format_kroner(owed) if owed else ""),
            *dispute_facts(payment),
            (_("Test mode"), "" if payment.livemode else _("Yes")),
            (_("Stripe session"), payment.session_id),
            (_("Stripe payment"), payment.payment_intent_id),
        ]
        return super().get_context_data(
            **{
                "status": status_tag(payment.get_state_display(), payment_tone(payment)),
                "facts": [(label, value) for label, value in facts if value],
                "charge_url": self.charge_url(),
                "dashboard_url": dashboard_url(payment),
                "refunds": refund_lines(payment),
                "history": history_of(payment, ACTION_LABELS),
                **kwargs,
            }
        )

    def charge_url(self) -> str:
        charge = self.instance.charge
        if not charge_policy.user_has_permission_for_instance(self.request.user, "view", charge):
            return ""
        return reverse("payments_charge_modeladmin_inspect", args=[quote(charge.pk)])


class SyncView(ActionView):
    """The administrator's way to what Stripe says now, when no event has come."""

    name = "sync"
    label = _("Ask Stripe again")
    icon_name = "rotate"
    refusals = (GatewayError,)
    success_message = _("Brought up to date with Stripe.")

    @classmethod
    def fits(cls, instance: Payment) -> bool:
        return bool(instance.session_id)

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("charge")

    def explanation(self) -> str:
        return _t("The payment gets the state that Stripe says it has. This does no harm.")

    def refusal_text(self, error: Exception) -> Any:
        return _("Stripe does not answer at the moment. Nothing was changed; try again.")

    def perform(self, data: dict[str, Any]) -> Any:
        before = self.instance.state
        payment = sync_payment(self.instance.pk)
        audit.record(
            actor=Actor.by(self.request.user),  # type: ignore[arg-type]
            action="payment.synchronised",
            subject=payment,
            before=before,
            after=payment.state,
        )
        return None if payment.state != before else _("Nothing has changed at Stripe.")


class PaymentAdmin(RowAdmin):
    model = Payment
    policy = payment_policy
    menu_label = _("Payments")
    menu_icon = "tick-inverse"
    index_view_class = PaymentIndexView
    inspect_view_class = PaymentInspectView
    actions = (SyncView, AcceptView, ReturnView, SendBackView, CloseReviewView)
